/** Gaps that change their length while they are filled, and lengths that a model predicts. */
import assert from 'node:assert/strict';
import { Canvas } from '../../../src/sampler/canvas';
import { fillIds } from '../../../src/sampler/fillIds';
import { denoiseGrowing } from '../../../src/sampler/growing';
import type { Bounds } from '../../../src/sampler/relay';
import { infill } from '../../../src/sampler/infill';
import { likeliestLengths, meanLogProbability } from '../../../src/sampler/lengthBeam';
import type { Manifest } from '../../../src/model/manifest';
import { traitsOf, type ModelTraits } from '../../../src/sampler/traits';
import { expectError } from '../../support/expectError';
import { ToyDenoiser } from '../../support/toyDenoiser';
import type { ToyLogits } from '../../support/toyDenoiser';
import { baseTraits, gap, ids, made, modelOf } from '../../support/toyText';

/** 0..9 are text, 10 expands, 11 deletes, 12 is the mask. */
const [vocabSize, expandId, deleteId, maskId] = [13, 10, 11, 12];
const traits: ModelTraits = { ...baseTraits, maskId, shift: false, expandId, deleteId };

/**
 * Wants `text` between a 1 and a 2: where there are too few slots it expands the last, where there are
 * too many it deletes the ones behind. Surest from the left.
 */
function wanting(text: readonly number[]): ToyLogits {
  return (position, seen) => {
    const canvas = [...seen].sort((a, b) => a[0] - b[0]).map(([, id]) => id);
    const slots = canvas.lastIndexOf(2) - 1;
    const slot = position - 1;
    const id =
      slot >= text.length
        ? deleteId
        : slot === slots - 1 && slots < text.length
          ? expandId
          : text[slot]!;
    return Array.from({ length: vocabSize }, (_, other) => (other === id ? 9 - 0.1 * slot : 0));
  };
}

async function run(text: readonly number[], slots: number, bounds: Bounds, steps = 200) {
  const toy = new ToyDenoiser(vocabSize, wanting(text), 64);
  const canvas = new Canvas(
    Int32Array.from([1, ...new Array<number>(slots).fill(maskId), 2]),
    [{ start: 1, end: 1 + slots }],
    maskId,
  );
  let last = canvas;
  let closed = 0;
  let count = 0;
  const options = { sampler: 'factor', refreshEvery: 4 } as const;
  for await (const step of denoiseGrowing(canvas, new Map([[0, bounds]]), toy, traits, options)) {
    last = step.canvas;
    closed += step.closed.length;
    for (const position of step.committed) assert.equal(last.masked[position], 0);
    assert.ok(++count < steps, 'it goes on without end');
  }
  assert.equal(toy.liveCaches, 0);
  return { filled: [...last.ids], spans: last.spans, closed, canvas: last };
}

describe('denoiseGrowing', () => {
  const wide = { least: 0, most: 20 };

  for (const slots of [1, 2, 5, 8, 16]) {
    it(`comes from ${slots} slots to the length that the model wants`, async () => {
      const { filled, spans } = await run([3, 4, 5, 6, 7], slots, wide);
      assert.deepEqual(filled, [1, 3, 4, 5, 6, 7, 2]);
      assert.deepEqual(spans, [{ start: 1, end: 6 }]);
    });
  }

  it('may come to nothing, and says so', async () => {
    const { filled, closed } = await run([], 4, wide);
    assert.deepEqual([filled, closed], [[1, 2], 1]);
  });

  it('keeps its bounds, whatever the model wants', async () => {
    const long = await run([3, 4, 5, 6, 7, 8, 9, 3, 4], 2, { least: 0, most: 4 });
    assert.equal(long.filled.length, 2 + 4);
    const short = await run([3], 5, { least: 3, most: 8 });
    assert.equal(short.filled.length, 2 + 3);
    for (const { canvas } of [long, short]) assert.equal(canvas.maskedCount(), 0);
    assert.ok(![...long.filled, ...short.filled].some((id) => id === expandId || id === deleteId));
  });

  it('ends although a model only ever expands', async () => {
    const toy: ToyLogits = () =>
      Array.from({ length: vocabSize }, (_, id) => (id === expandId ? 9 : id === 3 ? 5 : 0));
    const denoiser = new ToyDenoiser(vocabSize, toy, 64);
    const request = { prefix: [1], length: 'auto', suffix: [2] } as const;
    const { ids: filled } = await fillIds(request, denoiser, traits);
    assert.ok(filled.length <= 66 && ![...filled].includes(expandId));
    assert.ok([...filled.subarray(1, -1)].every((id) => id === 3));
  });

  it('keeps the confidence of what was there before', async () => {
    const { canvas } = await run([3, 4, 5], 2, wide);
    assert.ok([1, 2, 3].every((p) => canvas.confidence[p]! > 0.9 && canvas.confidence[p]! < 1));
    assert.equal(canvas.confidence[0], 1);
  });

  it('never lets an id request of fixed length grow', async () => {
    const toy = new ToyDenoiser(vocabSize, wanting([3, 4, 5]), 64);
    const { ids: filled } = await fillIds({ prefix: [1], length: 2, suffix: [2] }, toy, traits);
    assert.equal(filled.length, 4);
    assert.ok(![...filled].includes(expandId) && ![...filled].includes(deleteId));
  });
});

describe('infill with a model that grows its gaps', () => {
  const [endId, grow] = [made.idOf('<|endoftext|>'), made.idOf('<|ts|>')];
  const growing = { expandId: grow, deleteId: endId, closingId: endId };

  /** Wants a width and no more, whatever the slots: deletes behind it. */
  const script = ids(' width', ' * ', 'height');
  const logits: ToyLogits = (row) => {
    const id = script[row - 1] ?? endId;
    return Array.from({ length: made.vocabSize }, (_, other) => (other === id ? 9 : 0));
  };

  it('writes the text alone and ends the canvas as in training', async () => {
    const { model, denoiser } = modelOf(logits, growing);
    const { fills } = await infill([{ text: 'return' }, gap(), { text: ';\n' }], model);
    assert.equal(fills[0]!.text, ' width * height');
    assert.equal(denoiser.requests[0]!.ids.at(-1), endId);
  });

  it('gives a gap of a stated length just that', async () => {
    const { model } = modelOf(logits, growing);
    const { fills } = await infill(
      [{ text: 'return' }, gap({ length: 2 }), { text: ';\n' }],
      model,
    );
    assert.equal(fills[0]!.text, ' width * ');
  });

  it('draws variants that each have a length of their own', async () => {
    const { model } = modelOf(logits, growing);
    const parts = [{ text: 'return' }, gap(), { text: ';\n' }];
    const { fills, alternatives } = await infill(parts, model, { variants: 3 });
    assert.equal(fills[0]!.text, ' width * height');
    assert.ok(alternatives !== undefined);
  });
});

describe('a gap that nothing follows', () => {
  const pad = made.idOf('<|blank|>');
  const script = ids(' width', ';\n');
  const logits: ToyLogits = (row) => {
    const id = script[row - 1] ?? pad;
    return Array.from({ length: made.vocabSize }, (_, other) => (other === id ? 9 : 0));
  };

  it('ends where the answer does, of a model that says so', async () => {
    const { model } = modelOf(logits, { tailIds: [pad] });
    const parts = [{ text: 'return' }, gap({ singleLine: false, maxLength: 20 })];
    assert.equal((await infill(parts, model)).fills[0]!.text, ' width;\n');
  });

  it('is probed where text follows after all', async () => {
    const { model, denoiser } = modelOf(logits, { tailIds: [pad] });
    const parts = [{ text: 'return' }, gap({ maxLength: 4 }), { text: 'height' }];
    const { forwards } = await infill(parts, model);
    assert.ok(
      forwards >= 3 && denoiser.requests.every(({ banned }) => banned.includes(maskIdOf())),
    );
  });
});

const maskIdOf = () => made.idOf('<|mask|>');

describe('the length beam', () => {
  it('takes the likeliest classes, c for c+1 tokens, inside the bounds', () => {
    const logits = [0, 3, 1, 9, 2];
    assert.deepEqual(likeliestLengths(logits, 3, { least: 1, most: 9 }), [4, 2, 5]);
    assert.deepEqual(likeliestLengths(logits, 3, { least: 3, most: 4 }), [4, 3]);
    assert.deepEqual(likeliestLengths([], 3, { least: 1, most: 4 }), []);
  });

  it('scores by the mean log-probability of what was written', () => {
    const canvas = new Canvas(Int32Array.of(1, 0, 0), [{ start: 1, end: 3 }], 0);
    canvas.commit(1, 5, 0.5);
    canvas.commit(2, 5, 0.125);
    assert.equal(meanLogProbability(canvas, 0), (Math.log(0.5) + Math.log(0.125)) / 2);
  });

  /** Sure of a canvas with three slots, not of others. */
  const logits: ToyLogits = (position, seen) => {
    const sure = seen.size === 5 ? 9 : 3;
    return Array.from({ length: vocabSize }, (_, id) => (id === position ? sure : 0));
  };

  it('fills several lengths and keeps the one the model is surest of', async () => {
    const prompts: number[][] = [];
    const toy: ToyDenoiser & { predictLength?: (ids: Int32Array) => Promise<Float32Array> } =
      new ToyDenoiser(vocabSize, logits, 64);
    toy.predictLength = async (prompt) => {
      prompts.push([...prompt]);
      return Float32Array.of(0, 0, 4, 5, 0, 6); // 6, 4, 3 tokens
    };
    const { expandId: _, deleteId: __, ...fixed } = traits;
    const predicting = { ...fixed, predictsLength: true };
    const request = { prefix: [1], length: 'auto', suffix: [2] } as const;
    const fill = await fillIds(request, toy, predicting, { sampler: 'cosine-remask', steps: 2 });
    assert.deepEqual([...fill.ids], [1, 1, 2, 3, 2]);
    assert.deepEqual(prompts, [[1]]);
    const cannot = fillIds(request, new ToyDenoiser(vocabSize, logits, 64), fixed);
    await expectError(cannot, 'badInput', /neither predicts lengths nor grows its gaps/);
  });

  it('serves text, from the text before the gap', async () => {
    const { model, denoiser } = modelOf(
      (row) =>
        Array.from({ length: made.vocabSize }, (_, id) =>
          id === ids(' width')[0] ? 5 + row / 100 : 0,
        ),
      { predictsLength: true, shift: false, closingId: made.idOf('<|blank|>') },
    );
    const prompts: number[][] = [];
    Object.assign(denoiser, {
      predictLength: async (prompt: Int32Array) => {
        prompts.push([...prompt]);
        return Float32Array.of(0, 9); // two tokens
      },
    });
    const { fills } = await infill([{ text: 'return' }, gap(), { text: ';\n' }], model);
    assert.equal(fills[0]!.text, ' width width');
    assert.deepEqual(prompts, [[made.idOf('<|endoftext|>'), ...ids('return')]]);
  });
});

describe('the order of commits', () => {
  const a = ids('a')[0]!;
  /** Surest of the slot that lies farthest right. */
  const fromRight: ToyLogits = (row) =>
    Array.from({ length: made.vocabSize }, (_, id) => (id === a ? 3 + row : 0));
  const [endId, grow] = [made.idOf('<|endoftext|>'), made.idOf('<|ts|>')];

  /** The slots of a gap in the order in which they are written, one a step. */
  async function orderOf(traits: Partial<ModelTraits>, most: number): Promise<number[]> {
    const { model, denoiser } = modelOf(fromRight, { shift: false, ...traits });
    // Three tokens: class c stands for c+1.
    Object.assign(denoiser, { predictLength: async () => Float32Array.of(0, 0, 9) });
    const order: number[] = [];
    await infill([{ text: 'x' }, gap({ maxLength: most }), { text: 'y' }], model, {
      sampling: { sampler: 'even', steps: most },
      onStep: ({ gaps }) => order.push(...gaps[0]!.flatMap(({ fresh }, at) => (fresh ? [at] : []))),
    });
    return order;
  }

  it('is the surest first where gaps grow (DreamOn) and where a length is predicted (seed 2)', async () => {
    assert.deepEqual(await orderOf({ expandId: grow, deleteId: endId }, 3), [2, 1, 0]);
    assert.deepEqual(await orderOf({ predictsLength: true }, 3), [2, 1, 0]);
  });

  it('is from the left only where training was', async () => {
    assert.deepEqual(await orderOf({ predictsLength: true, fromLeft: true }, 3), [0, 1, 2]);
    const manifest = { dimensions: { maxTokens: 8 }, maskId: 1, shift: true, closesCanvas: true };
    for (const lengthPolicy of ['expand', 'predicted', 'probed'] as const) {
      const published = { ...manifest, lengthPolicy, expandId: 2, deleteId: 3, lengthClasses: 9 };
      const { fromLeft } = traitsOf(published as unknown as Manifest);
      assert.equal(fromLeft, undefined, lengthPolicy);
    }
  });
});
