/** Lengths found by scores of fully masked gaps, whatever the model was trained to do. */
import assert from 'node:assert/strict';
import { infill } from '../../../src/sampler/infill';
import { mixedLogits, type ToyLogits } from '../../support/toyDenoiser';
import { blankId, gap, ids, maskId, modelOf, tokenizer, vocabSize } from '../../support/toyText';

const [a] = ids('a') as [number];
const parts = [{ text: 'return' }, gap({ maxLength: 16 }), { text: ';\n' }];
const masksOf = (canvas: ArrayLike<number>) =>
  Array.from(canvas).filter((id) => id === maskId).length;

const given =
  1 + [...tokenizer.encode('return', 'start'), ...tokenizer.encode(';\n', 'middle')].length;

/** Sure of an `a` everywhere where the canvas has `length` slots, of nothing where it has not. */
const sureOf =
  (length: number): ToyLogits =>
  (_, seen) => {
    const sure = seen.size === length + given ? 6 : 3; // what is written stays a slot
    return Array.from({ length: vocabSize }, (__, id) => (id === a ? sure : 0));
  };

for (const lengthPolicy of ['lr-dllm', 'cal'] as const) {
  describe(`the ${lengthPolicy} length policy`, () => {
    const run = (logits: ToyLogits, sampling = {}, blank = true) => {
      const { model, denoiser } = modelOf(logits, { ...(blank && { blankId }), fromLeft: true });
      const options = {
        sampling: { lengthPolicy, sampler: 'even', steps: 16, ...sampling },
      } as const;
      return infill(parts, model, options).then((result) => ({ ...result, denoiser }));
    };

    it('finds the length that the model is sure of, blanks or none', async () => {
      for (const blank of [true, false]) {
        const { fills, denoiser } = await run(sureOf(8), {}, blank);
        assert.equal(fills[0]!.text, 'aaaaaaaa');
        assert.ok(denoiser.requests.every(({ banned }) => banned.includes(blankId)));
      }
    });

    it('begins the fill with the forward of the winning probe', async () => {
      const { fills, forwards, denoiser } = await run(sureOf(8));
      const probes = denoiser.requests.filter(({ past }) => past === undefined);
      const whole = probes.filter(({ ids: canvas }) => masksOf(canvas) === 8);
      assert.equal(whole.length, 1, 'the canvas of the winner is run once');
      assert.equal(forwards, denoiser.requests.length);
      // One token a step; the first step is the probe's.
      assert.equal(forwards - probes.length, fills[0]!.tokens.length - 1);
      assert.equal(denoiser.liveCaches, 0);
    });

    it('gives what a given length of that size gives', async () => {
      const logits = mixedLogits(vocabSize);
      const found = await run(logits);
      const length = found.fills[0]!.tokens.length;
      const { model } = modelOf(logits, { blankId, fromLeft: true });
      const given = await infill([parts[0]!, gap({ length, singleLine: true }), parts[2]!], model, {
        sampling: { sampler: 'even', steps: 16 },
      });
      assert.deepEqual(found.fills, given.fills);
    });

    it('probes two gaps one after the other, and keeps no cache', async () => {
      const { model, denoiser } = modelOf(mixedLogits(vocabSize), { blankId });
      const two = [...parts.slice(0, 2), { text: ' * ' }, gap({ maxLength: 4 }), parts[2]!];
      const { fills, forwards } = await infill(two, model, { sampling: { lengthPolicy } });
      assert.ok(fills[0]!.tokens.length <= 16 && fills[1]!.tokens.length <= 4);
      assert.equal(forwards, denoiser.requests.length);
      assert.equal(denoiser.liveCaches, 0);
    });

    it('stops when aborted, and frees what it holds', async () => {
      const abort = new AbortController();
      const logits = mixedLogits(vocabSize);
      const { model, denoiser } = modelOf((position, seen) => {
        if (denoiser.requests.length === 3) abort.abort();
        return logits(position, seen);
      });
      const { signal } = abort;
      const filling = infill(parts, model, { sampling: { lengthPolicy }, signal });
      await assert.rejects(filling, { name: 'AbortError' });
      assert.equal(denoiser.requests.length, 3);
      assert.equal(denoiser.liveCaches, 0);
    });
  });
}

describe('the length bias of a model', () => {
  it('decides which length stands out for CAL', async () => {
    const flat: ToyLogits = () => Array.from({ length: vocabSize }, (_, id) => (id === a ? 5 : 0));
    const lengthWith = async (bias: readonly [number, number, number, number, number]) => {
      const { model } = modelOf(flat, { blankId, lengthBias: bias });
      const result = await infill(parts, model, { sampling: { lengthPolicy: 'cal' } });
      return result.fills[0]!.tokens.length;
    };
    // Equally sure at every length: a bias that falls makes the long ones stand out, one that rises the short.
    assert.equal(await lengthWith([1, 0.2, 0, 0, 0.1]), 16);
    assert.equal(await lengthWith([-0.5, 0.2, 0, 0, 1]), 1);
  });
});
