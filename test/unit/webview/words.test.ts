import assert from 'node:assert/strict';
import type { Cell } from '../../../src/protocol/liveView';
import { sayState, sayStep, textAfter } from '../../../src/webview/liveView/words';
import { runView, stepView } from '../../support/run';

const fresh = (text: string): Cell => ({ kind: 'fresh', text, bucket: 4, percent: '90 %' });
const masked: Cell = { kind: 'masked' };

describe('a step in words', () => {
  const say = (cells: Cell[], left: number, state: 'done' | 'running' = 'done') => {
    const run = { ...runView(2, { state }) };
    const steps = [run.steps[0]!, stepView(1, { gaps: [cells], masked: left })];
    return sayStep({ ...run, steps }, 1);
  };

  it('names what was committed and counts the masks', () => {
    const cells = [fresh('width'), masked, masked, masked];
    assert.equal(say(cells, 3), 'step 1 of 1: committed `width`, 3 masks left');
    assert.equal(
      say([fresh(' a'), fresh('\n')], 0),
      'step 1 of 1: committed ` a`, ``, no mask left',
    );
    assert.equal(say([masked], 1, 'running'), 'step 1: 1 mask left');
  });

  it('names five tokens at most', () => {
    const cells = [...'abcdefgh'].map(fresh);
    const text = 'step 1 of 1: committed `a`, `b`, `c`, `d`, `e` and 3 more, no mask left';
    assert.equal(say(cells, 0), text);
  });

  it('says what was taken back', () => {
    assert.equal(
      say([{ kind: 'remasked' }, fresh('b')], 1),
      'step 1 of 1: committed `b`, masked 1 again, 1 mask left',
    );
  });

  it('shows the gaps as one line', () => {
    const step = stepView(1, {
      gaps: [
        [fresh('a'), masked],
        [fresh('⏎\n'), fresh('b')],
      ],
    });
    assert.equal(textAfter(step), 'a▒▒ ┆ ⏎b');
  });

  it('says why there is nothing to see', () => {
    assert.equal(sayState(runView(0, { detail: 'too long' })), 'no steps to show: too long');
    assert.equal(sayState(runView(3, { state: 'running' })), 'denoising, 2 steps so far');
  });
});
