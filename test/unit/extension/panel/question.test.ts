/** From a question to what the sampler process is asked, and one run of it. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { LatestStep, stepMs } from '../../../../src/extension/panel/latestStep';
import { askedAgain, chatRequestOf, infillRequest } from '../../../../src/extension/panel/question';
import { run } from '../../../../src/extension/panel/run';
import type { FillParams, FillResult } from '../../../../src/protocol/messages';
import { LacunaError } from '../../../../src/protocol/errors';

const text = 'function f() {\n  return 1;\n}\nconst x = 2;\n';
const source = { length: text.length, slice: (a: number, b: number) => text.slice(a, b) };
const at = (wish: object = {}) => ({
  ...{ source, file: 'x.ts', languageId: 'typescript', cursor: 17, around: 'file' as const },
  ...{ strength: 60, sampling: {}, ...wish },
});
const partsOf = (wish: object = {}) => {
  const request = infillRequest('go', '', at(wish));
  assert.equal(request.kind, 'code');
  return (request.params as FillParams).parts;
};

describe('infillRequest()', () => {
  it('is a gap at the cursor, the file around it unchanged', () => {
    assert.deepEqual(partsOf(), [
      { text: text.slice(0, 17) },
      { gap: { length: 'auto', minLength: 1 } },
      { text: text.slice(17) },
    ]);
  });

  it('is a draft of the selection', () => {
    const selection = { start: 17, end: 26 };
    const [, draft] = partsOf({ selection });
    assert.deepEqual(draft, { draft: { text: 'return 1;', strength: 0.6 } });
  });

  it('reads no further than it is to', () => {
    assert.deepEqual(partsOf({ around: { start: 0, end: 28 } }).at(-1), {
      text: text.slice(17, 28),
    });
    assert.deepEqual(partsOf({ around: { start: 15, end: 20 } })[0], { text: '  ' });
    const nothing = partsOf({ around: 'nothing' });
    assert.deepEqual([nothing[0], nothing[2]], [{ text: '' }, { text: '' }]);
  });

  it('takes instruction, problems, language and settings along', () => {
    const { params } = infillRequest('fix', 'line 1: bad', at({ sampling: { steps: 4 } }));
    const { instruction, languageId, sampling, priority } = params as FillParams;
    assert.equal(instruction, 'fix (line 1: bad)');
    assert.deepEqual([languageId, sampling, priority], ['typescript', { steps: 4 }, 'explicit']);
  });
});

describe('askedAgain()', () => {
  const code = infillRequest('go', '', at({ sampling: { topP: 0.5 } }));

  it('denoises the answer again, with another seed at each attempt', () => {
    const again = askedAgain(code, 'let y', 30, 2).params as FillParams;
    assert.deepEqual(again.parts[1], { draft: { text: 'let y', strength: 0.3, order: 'random' } });
    assert.equal(again.sampling!.seed, 2);
    assert.equal(again.sampling!.topP, 0.5);
    assert.equal(askedAgain(code, 'let y', 30, 3).params.sampling!.seed, 3);
  });

  it('begins anew at 100 %, and where there is no answer', () => {
    for (const [answer, strength] of [
      ['let y', 100],
      ['', 30],
    ] as const) {
      const { parts, sampling } = askedAgain(code, answer, strength, 1).params as FillParams;
      assert.deepEqual(parts[1], { gap: { length: 'auto', minLength: 1 } });
      assert.equal(sampling!.seed, 1);
    }
  });

  it('does the same for a conversation', () => {
    const chat = chatRequestOf([{ role: 'user', content: 'a' }], {});
    const again = askedAgain(chat, 'b', 50, 1);
    assert.deepEqual(again.kind === 'prose' && again.params.draft, { text: 'b', strength: 0.5 });
    const anew = askedAgain(chat, 'b', 100, 1);
    assert.equal(anew.kind === 'prose' && anew.params.draft, undefined);
  });
});

describe('run()', () => {
  const model = { device: 'cpu' } as never;
  const words = { title: 'Instruction', stopped: 'Stopped', limit: 'Limit' };
  const result: FillResult = {
    fills: [{ text: 'ab', tokens: [{ text: 'ab', confidence: 0.5 }], confidence: 0.5 }],
    ...{ steps: 2, forwards: 2, elapsedMs: 1500, forwardMs: 1, queueMs: 0 },
  };
  const code = infillRequest('go', '', at());
  const chat = chatRequestOf([{ role: 'user', content: 'a' }], {});
  const never = () => Promise.reject(new Error('not asked'));
  const step = (gaps: { text?: string }[]) => ({
    ...{ step: 1, forwards: 1, maskedTokens: 1, gaps: [gaps] },
  });

  it('comes to an answer with its figures', async () => {
    const steps: number[] = [];
    const outcome = await run(
      code,
      {
        model,
        chat: never,
        fill: async (_, { onStep, origin }) => {
          assert.deepEqual(origin, { title: 'Instruction', file: 'x.ts' });
          onStep?.(step([{}, { text: 'b' }]));
          return result;
        },
      },
      {
        signal: new AbortController().signal,
        onStep: ({ tokens }) => steps.push(tokens.length),
        words,
      },
    );
    assert.deepEqual(steps, [2]);
    assert.deepEqual(outcome, {
      ...{ state: 'done', text: 'ab', hasHoles: false, reason: '' },
      figures: { steps: 2, seconds: 1.5, tokens: 1, device: 'cpu', confidence: 0.5 },
    });
  });

  it('says when a conversation ran into its limit', async () => {
    const answer = {
      ...{
        text: 'x',
        tokens: [],
        confidence: 1,
        ended: false,
        promptTokens: 1,
        leftOutMessages: 0,
      },
      ...{ steps: 1, forwards: 1, elapsedMs: 1, forwardMs: 1, queueMs: 0 },
    };
    const source = { model, fill: never, chat: () => Promise.resolve(answer) };
    const { signal } = new AbortController();
    const outcome = await run(chat, source, { signal, onStep: () => {}, words });
    assert.deepEqual([outcome.state, outcome.reason], ['done', 'Limit']);
  });

  it('keeps what is written when it is stopped, and hears no more', async () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const fill = async (_: unknown, { onStep }: { onStep?: (s: never) => void }) => {
      onStep?.(step([{ text: 'a' }, {}, { text: 'c' }]) as never);
      abort.abort();
      onStep?.(step([{ text: 'later' }]) as never);
      throw abort.signal.reason;
    };
    const source = { model, chat: never, fill };
    const onStep = ({ tokens }: { tokens: readonly unknown[] }) => seen.push(tokens.length);
    const outcome = await run(code, source, { signal: abort.signal, onStep, words });
    assert.deepEqual(outcome, { state: 'stopped', text: 'a▒c', hasHoles: true, reason: 'Stopped' });
    assert.deepEqual(seen, [3]);
  });

  it('keeps what is written when the sampler dies, and says why', async () => {
    const gone = new LacunaError('samplerGone', {
      doing: 'Cannot fill',
      found: 'it died',
      advice: 'Restart',
    });
    const fill = async (_: unknown, { onStep }: { onStep?: (s: never) => void }) => {
      onStep?.(step([{ text: 'a' }, {}]) as never);
      throw gone;
    };
    const { signal } = new AbortController();
    const outcome = await run(
      code,
      { model, chat: never, fill },
      { signal, onStep: () => {}, words },
    );
    assert.deepEqual(outcome, {
      ...{ state: 'failed', text: 'a', hasHoles: false },
      reason: 'Cannot fill: it died. Restart.',
    });
  });
});

describe('LatestStep', () => {
  before(() => mock.timers.enable({ apis: ['setTimeout'] }));
  after(() => mock.timers.reset());

  it('lets the first and the latest through, and nothing after its end', () => {
    const seen: number[] = [];
    const steps = new LatestStep<number>((step) => seen.push(step));
    for (const step of [1, 2, 3]) steps.take(step);
    assert.deepEqual(seen, [1]);
    mock.timers.tick(stepMs);
    assert.deepEqual(seen, [1, 3]);
    steps.take(4);
    steps.dispose();
    mock.timers.tick(2 * stepMs);
    assert.deepEqual(seen, [1, 3]);
  });
});
