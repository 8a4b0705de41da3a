import assert from 'node:assert/strict';
import { readFromView, readToView } from '../../../src/protocol/liveView';
import { head, runView, stepView } from '../../support/run';

const reread = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe('messages of the live view', () => {
  const cells = [{ kind: 'fresh', text: 'a', bucket: 4, percent: '90 %' }, { kind: 'masked' }];
  const step = { ...stepView(1), gaps: [cells] };

  it('are read as they were written', () => {
    const run = { ...runView(2), steps: [step] };
    for (const message of [
      { type: 'run', run },
      { type: 'step', id: 1, step },
      { type: 'head', head: head(), steps: 2 },
      { type: 'empty' },
      { type: 'said', text: '' },
    ]) {
      assert.deepEqual(readToView(reread(message)), message);
    }
    for (const message of [
      { type: 'ready' },
      { type: 'resume', id: 1, fromStep: 0, seed: 2 },
      ...['export', 'copy', 'offer', 'stop'].map((type) => ({ type, id: 1 })),
    ]) {
      assert.deepEqual(readFromView(reread(message)), message);
    }
  });

  const noMessages: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a word', 'ready'],
    ['no type', { id: 1 }],
    ['a type of objects', { type: 'constructor' }],
    ['a type of its prototype', { type: '__proto__' }],
    ['a negative step', { type: 'resume', id: 1, fromStep: -1, seed: 2 }],
    ['half a seed', { type: 'resume', id: 1, fromStep: 1, seed: 0.5 }],
    ['a seed in words', { type: 'resume', id: 1, fromStep: 1, seed: '2' }],
    ['a run without number', { type: 'export' }],
  ];
  for (const [name, value] of noMessages) {
    it(`refuse ${name} from the view`, () => assert.equal(readFromView(value), undefined));
  }

  const noViews: [string, unknown][] = [
    ['a message of the other side', { type: 'ready' }],
    ['a run without head', { type: 'run', run: { pieces: [], steps: [] } }],
    ['a state of its own', { type: 'head', head: head({ state: 'odd' as 'done' }), steps: 0 }],
    [
      'a sixth bucket',
      { type: 'step', id: 1, step: { ...step, gaps: [[{ kind: 'fresh', bucket: 5 }]] } },
    ],
    [
      'a cell that is an element',
      { type: 'step', id: 1, step: { ...step, gaps: [[{ kind: 'script' }]] } },
    ],
    ['text that is an object', { type: 'said', text: { toString: 1 } }],
    ['cells that are no list', { type: 'step', id: 1, step: { ...step, gaps: [{ length: 1 }] } }],
  ];
  for (const [name, value] of noViews) {
    it(`refuse ${name} to the view`, () => assert.equal(readToView(value), undefined));
  }
});
