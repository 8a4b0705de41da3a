import { strict as assert } from 'node:assert';
import { runSelfTest, type SelfTestTools } from '../../../../src/extension/help/selfTestRun';
import { selfTestPage, selfTestSentence } from '../../../../src/extension/help/selfTestText';
import type { FillResult, ModelInfo } from '../../../../src/protocol/messages';

const model: ModelInfo = {
  name: 'small',
  dir: '/m',
  architecture: 'llama',
  parameters: 1000,
  vocabSize: 100,
  maxTokens: 64,
  shift: true,
  maskId: 1,
  choosesLength: true,
  hasTokenizer: true,
  followsInstructions: false,
  label: 'demo',
  inlineThreshold: 0.5,
  weights: 'q8',
  device: 'cpu',
  loadMs: 321.4,
};

function answer(text: string, confidence = 0.5, tokens = 3): FillResult {
  const token = { text, confidence };
  const fill = { text, confidence, tokens: Array.from({ length: tokens }, () => token) };
  return { fills: [fill], steps: 3, forwards: 3, elapsedMs: 9, forwardMs: 8, queueMs: 0 };
}

/** Every look at the clock is 10 ms later. */
function tools(changed: Partial<SelfTestTools> = {}): SelfTestTools {
  let ms = 0;
  return {
    model: async () => model,
    fill: async () => answer('width * height'),
    nowMs: () => (ms += 10),
    ...changed,
  };
}
const run = (changed: Partial<SelfTestTools> = {}, signal = new AbortController().signal) =>
  runSelfTest(tools(changed), signal);

describe('the self-test', () => {
  it('passes, and says how long it took', async () => {
    const steps: string[] = [];
    const result = await runSelfTest(tools(), new AbortController().signal, (step) =>
      steps.push(step),
    );
    assert.deepEqual(steps, ['model', 'fill', 'repeat']);
    assert.deepEqual(
      result.times.map(({ step, ms }) => [step, ms]),
      steps.map((step) => [step, 10]),
    );
    assert.equal(
      selfTestSentence(result, ['Mind this.']),
      'All is well: small runs on cpu, was loaded in 321 ms and filled a gap in 10 ms. Mind this.',
    );
    const page = selfTestPage(result, []);
    assert.match(page, /return width \* height;/);
    assert.match(page, /labelled "demo"/);
  });

  it('says why no model came', async () => {
    const result = await run({ model: () => Promise.reject(new Error('the folder is empty')) });
    assert.deepEqual(result.failure, { step: 'model', reason: 'the folder is empty' });
    assert.equal(
      selfTestSentence(result, []),
      'Starting the sampler process and loading the model failed: the folder is empty',
    );
    assert.match(selfTestPage(result, []), /loading the model: failed/);
  });

  const bad: [what: string, result: FillResult, reason: RegExp][] = [
    ['an empty answer', answer('', 1, 0), /without a token/],
    ['a confidence that is none', answer('x', Number.NaN), /confidence NaN/],
    [
      'two fills for one gap',
      { ...answer('x'), fills: [...answer('x').fills, ...answer('y').fills] },
      /2 were filled/,
    ],
    ['no fill at all', { ...answer('x'), fills: [] }, /0 were filled/],
  ];
  for (const [what, result, reason] of bad) {
    it(`fails at ${what}`, async () => {
      const { failure } = await run({ fill: async () => result });
      assert.equal(failure?.step, 'fill');
      assert.match(failure.reason, reason);
    });
  }

  it('fails where the same seed gives another fill', async () => {
    let count = 0;
    const { failure, times } = await run({ fill: async () => answer(`x${count++}`) });
    assert.equal(failure?.step, 'repeat');
    assert.deepEqual(
      times.map(({ step }) => step),
      ['model', 'fill'],
    );
  });

  it('can be cancelled at any step', async () => {
    const abort = new AbortController();
    const result = await run({ model: async () => (abort.abort(), model) }, abort.signal);
    assert.deepEqual(result.failure, { step: 'model', reason: 'cancelled' });
    assert.equal(selfTestSentence(result, []), 'The self-test was cancelled.');
  });
});
