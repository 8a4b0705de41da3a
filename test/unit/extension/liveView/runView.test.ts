import assert from 'node:assert/strict';
import { readToView } from '../../../../src/protocol/liveView';
import type { FillParams, Part, StepToken } from '../../../../src/protocol/messages';
import type { Run } from '../../../../src/extension/liveView/runRecorder';
import { runHead, runView } from '../../../../src/extension/liveView/runView';
import { visible } from '../../../../src/extension/liveView/shownText';
import { mask, model, result, step, token } from '../../../support/run';

const gap: Part = { gap: { length: 2 } };
const run = (parts: readonly Part[], gaps: StepToken[][][] = [], over: Partial<Run> = {}): Run => ({
  id: 1,
  origin: { title: 'Proposal', file: 'a.ts' },
  params: { parts },
  model,
  state: 'done',
  detail: '',
  result: result('x'),
  steps: gaps.map((tokens, number) => ({ step: step(number, ...tokens), ms: number })),
  ...over,
});
const pieces = (...parts: Part[]) => runView(run(parts), false).pieces;
const lines = (count: number) =>
  Array.from({ length: count }, (_, line) => `line ${line}\n`).join('');

describe('a run as it is shown', () => {
  it('numbers its gaps among the text around them, neighbours joined', () => {
    const draft: Part = { draft: { text: 'd', strength: 1 } };
    const shown = pieces({ text: 'a' }, { text: 'b' }, gap, { text: 'c' }, draft);
    assert.deepEqual(shown, [{ text: 'ab' }, { gap: 0 }, { text: 'c' }, { gap: 1 }]);
  });

  it('leaves out the lines that are far from a gap', () => {
    const [before, , between, , after] = pieces(
      ...[
        { text: `${lines(50)}end ` },
        gap,
        { text: ` x\n${lines(50)}y ` },
        gap,
        { text: lines(50) },
      ],
    );
    assert.deepEqual(before, { text: 'line 47\nline 48\nline 49\nend ' });
    const middle = [' x', 'line 0', 'line 1', 'line 2', '⋮', 'line 47', 'line 48', 'line 49', 'y '];
    assert.deepEqual(between, { text: middle.join('\n') });
    assert.deepEqual(after, { text: 'line 0\nline 1\nline 2\nline 3' });
  });

  it('cuts lines of a megabyte where no gap is', () => {
    const [before, , after] = pieces({ text: `${'a'.repeat(1e6)}b` }, gap, {
      text: `c${'d'.repeat(1e6)}`,
    });
    assert.match((before as { text: string }).text, /^…a{199}b$/);
    assert.match((after as { text: string }).text, /^cd{199}…$/);
  });

  it('tells what became of each token', () => {
    const given: StepToken = { text: 'g', confidence: 1, given: true };
    const { steps } = runView(
      run(
        [gap],
        [
          [[mask, mask, given]],
          [[token('a', 0.03, true), token('b', 0.99, true), given]],
          [[mask, token('b', 0.99), given]],
          [[token('\tc\n', 0.5, true), given]],
        ],
      ),
      false,
    );
    assert.deepEqual(
      steps.map(({ gaps }) => gaps[0]!.map(({ kind }) => kind)),
      [
        ['masked', 'masked', 'given'],
        ['fresh', 'fresh', 'given'],
        ['remasked', 'committed', 'given'],
        ['fresh', 'given'],
      ],
    );
    assert.deepEqual(steps[1]!.gaps[0]![0], {
      kind: 'fresh',
      text: 'a',
      bucket: 0,
      percent: '3 %',
    });
    assert.equal(steps[3]!.gaps[0]![0]!.text, '\tc⏎\n');
  });

  it('is a message that the view takes', () => {
    const view = runView(run([{ text: 'a' }, gap], [[[mask]], [[token('b', 0.2, true)]]]), true);
    assert(readToView(JSON.parse(JSON.stringify({ type: 'run', run: view }))));
  });

  it('names model, seeds and figures', () => {
    const resumes = [{ fromStep: 3, seed: 8, temperature: 0.5 }];
    const params: FillParams = { parts: [gap], sampling: { sampler: 'even', seed: 4, resumes } };
    const { facts, seed } = runHead(run([gap], [], { params }), false);
    assert.equal(
      facts,
      'm (q8, cpu) · even · seed 4 · resumed from step 3 with seed 8 · temperature 0.5 · 2 steps, 2 forwards · 3 ms',
    );
    assert.equal(seed, 8);
  });

  it('can be exported and proposed only when there is something to do that with', () => {
    const offer = () => true;
    const origin = { title: '', file: '', offer };
    const shown = [[[mask]], [[token('b')]]];
    const can = (over: Partial<Run>, steps = shown) => {
      const { canExport, canOffer } = runHead(run([gap], steps, over), false);
      return [canExport, canOffer];
    };
    const params = { parts: [gap], sampling: { resumes: [{ fromStep: 0, seed: 1 }] } };
    assert.deepEqual(can({ origin, params }), [true, true]);
    assert.deepEqual(can({ origin }), [true, false]);
    assert.deepEqual(can({ params }), [true, false]);
    assert.deepEqual(can({ origin, params }, []), [false, true]);
    assert.deepEqual(can({ origin, params, state: 'running' }), [false, false]);
    assert.deepEqual(can({ model: undefined }), [false, false]);
  });

  it('makes invisible characters visible', () => {
    assert.equal(visible('a\u202Eb\r\nc\u0000\u200B\td'), 'a⟨U+202E⟩b\nc⟨U+0000⟩⟨U+200B⟩\td');
  });
});
