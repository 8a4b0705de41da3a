import assert from 'node:assert/strict';
import type { FillStep } from '../../../src/protocol/messages';
import { infill } from '../../../src/sampler/infill';
import { bestFirst, variantSampling, variantTemperature } from '../../../src/sampler/variants';
import { mixedLogits } from '../../support/toyDenoiser';
import { gap, modelOf, vocabSize } from '../../support/toyText';

const parts = [{ text: 'a' }, gap({ length: 3 }), { text: 'b' }, gap({ length: 2 })];
const texts = (fills: readonly { readonly text: string }[]) => fills.map(({ text }) => text);

describe('variants', () => {
  const run = (variants: number, sampling = {}) => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize));
    const steps: FillStep[] = [];
    const onStep = (step: FillStep) => void steps.push(step);
    const result = infill(parts, model, { variants, sampling, onStep });
    return result.then((filled) => ({ ...filled, denoiser, shown: steps }));
  };

  it('begin with the answer that comes without them, and report its steps alone', async () => {
    const [one, four] = [await run(1), await run(4)];
    assert.deepEqual(four.fills, one.fills);
    assert.deepEqual(four.shown, one.shown);
    assert.equal(four.steps, one.steps);
    assert.equal(one.alternatives, undefined);
  });

  it('are the same for the same request', async () => {
    const [first, again] = [await run(4), await run(4)];
    assert.deepEqual(first.alternatives, again.alternatives);
  });

  it('differ from each other, the surest first', async () => {
    const { fills, alternatives } = await run(8);
    const all = [fills, ...alternatives!].map((answer) => texts(answer).join('|'));
    assert.equal(new Set(all).size, all.length);
    assert.ok(all.length > 2, `${all.length}`);
    const sureness = alternatives!.map((answer) =>
      answer.flatMap(({ tokens }) => tokens).reduce((sum, t) => sum + Math.log(t.confidence), 0),
    );
    assert.deepEqual(
      sureness,
      [...sureness].sort((a, b) => b - a),
    );
  });

  it('compute the masked canvas, and what surrounds it, once', async () => {
    const { denoiser, forwards } = await run(5);
    assert.equal(denoiser.requests.filter(({ past }) => past === undefined).length, 1);
    assert.equal(forwards, denoiser.requests.length);
    assert.equal(denoiser.liveCaches, 0);
  });

  it('look at a draft, and probe lengths, once', async () => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize));
    const draft = { text: 'abcdefgh', strength: 0.5 };
    const { forwards } = await infill([{ draft }, gap()], model, { variants: 3 });
    assert.equal(forwards, denoiser.requests.length);
    const looks = denoiser.requests.filter(({ wantLogits }) => wantLogits);
    assert.equal(looks.length, 8);
  });

  it('are each what a request with their sampling would give', async () => {
    const { alternatives } = await run(2);
    const { model } = modelOf(mixedLogits(vocabSize));
    const alone = await infill(parts, model, { sampling: variantSampling({}, 1) });
    assert.deepEqual(alternatives, [alone.fills]);
  });

  it('stop when aborted, and free what they share', async () => {
    const abort = new AbortController();
    const logits = mixedLogits(vocabSize);
    const { model, denoiser } = modelOf((position, seen) => {
      if (denoiser.requests.length === 8) abort.abort();
      return logits(position, seen);
    });
    const filling = infill(parts, model, { variants: 8, signal: abort.signal });
    await assert.rejects(filling, { name: 'AbortError' });
    assert.equal(denoiser.requests.length, 8);
    assert.equal(denoiser.liveCaches, 0);
  });
});

describe('variantSampling()', () => {
  it('warms a greedy request up and leaves a warm one its temperature', () => {
    assert.deepEqual(variantSampling({}, 2), { seed: 2, temperature: variantTemperature });
    const warm = { seed: 5, temperature: 0.3, topP: 0.5 };
    assert.deepEqual(variantSampling(warm, 3), { ...warm, seed: 8 });
  });
});

describe('bestFirst()', () => {
  const fill = (text: string, confidence: number) => ({
    text,
    confidence,
    tokens: text === '' ? [] : [{ text, confidence }],
  });
  it('drops equal answers, keeps empty ones', () => {
    const others = [[fill('b', 0.3)], [fill('a', 0.9)], [fill('', 0.5)], [fill('b', 0.3)]];
    assert.deepEqual(bestFirst([fill('a', 0.9)], others), [[fill('', 0.5)], [fill('b', 0.3)]]);
  });
});
