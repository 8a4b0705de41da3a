import assert from 'node:assert/strict';
import type { SamplerName } from '../../../src/protocol/messages';
import { Canvas } from '../../../src/sampler/canvas';
import { denoise, type DenoiseOptions } from '../../../src/sampler/denoise';
import { samplerNames } from '../../../src/sampler/rules/makeRule';
import type { ModelTraits } from '../../../src/sampler/traits';
import { mixedLogits, ToyDenoiser } from '../../support/toyDenoiser';

const vocabSize = 40;
const maskId = 39;
const traits: ModelTraits = {
  maskId,
  shift: true,
  maxTokens: 512,
  languageTokens: {},
  blankLossWeight: 1,
  trainedOnCharacterCuts: true,
};

/** Given tokens as numbers, masks as dots: `3 7 · · 5`. */
function canvasOf(picture: string, extra: ConstructorParameters<typeof Canvas>[3] = {}): Canvas {
  const cells = picture.split(' ');
  const spans: { start: number; end: number }[] = [];
  cells.forEach((cell, position) => {
    if (cell !== '·') return;
    const last = spans.at(-1);
    if (last?.end === position) last.end++;
    else spans.push({ start: position, end: position + 1 });
  });
  const ids = Int32Array.from(cells, (cell) => (cell === '·' ? maskId : Number(cell)));
  return new Canvas(ids, spans, maskId, extra);
}

async function run(canvas: Canvas, options: DenoiseOptions, denoiser = mixed(), of = traits) {
  const steps = [];
  for await (const step of denoise(canvas, denoiser, of, options)) steps.push(step);
  return steps;
}

const mixed = () => new ToyDenoiser(vocabSize, mixedLogits(vocabSize));
const wide = '1 2 39 3 · · · · · 4 39 5 · · 6';

describe('denoise()', () => {
  for (const sampler of samplerNames) {
    it(`${sampler}: fills every mask, keeps every given token, never emits the mask id`, async () => {
      for (const temperature of [0, 0.9]) {
        const canvas = canvasOf(wide);
        await run(canvas, { sampler, steps: 6, temperature, seed: 3 });
        const cells = wide.split(' ');
        canvas.ids.forEach((id, position) => {
          if (cells[position] !== '·') assert.equal(id, Number(cells[position]), canvas.show());
          else assert.ok(id !== maskId && canvas.masked[position] === 0, canvas.show());
        });
      }
    });

    it(`${sampler}: same seed, same canvas`, async () => {
      const [first, again] = [canvasOf(wide), canvasOf(wide)];
      const options = { sampler, steps: 4, temperature: 0.8, seed: 11 };
      await run(first, options);
      await run(again, options);
      assert.equal(first.show(), again.show());
    });
  }

  it('another seed gives another canvas when it samples', async () => {
    const [first, other] = [canvasOf(wide), canvasOf(wide)];
    await run(first, { temperature: 1, seed: 1 });
    await run(other, { temperature: 1, seed: 2 });
    // 7 tokens from flat rows over 39 ids: chance of equality below 39^-4.
    assert.notEqual(first.show(), other.show());
  });

  it('predicts token m from row m-1 under the shift and from row m without', async () => {
    // Row p wants token p: under the shift position m gets m-1, else m.
    const rowNumber = () =>
      new ToyDenoiser(vocabSize, (position) =>
        Array.from({ length: vocabSize }, (_, id) => (id === position ? 9 : 0)),
      );
    const shifted = canvasOf('1 2 · · · 3');
    await run(shifted, {}, rowNumber());
    assert.equal(shifted.show(), '1 2 1 2 3 3');
    const plain = canvasOf('1 2 · · · 3');
    await run(plain, {}, rowNumber(), { ...traits, shift: false });
    assert.equal(plain.show(), '1 2 2 3 4 3');
  });

  it('runs only the window between refreshes, against the rest as cache, and frees it', async () => {
    const denoiser = mixed();
    const canvas = canvasOf('1 2 3 4 · · · 5 6 7');
    await run(canvas, { sampler: 'even', steps: 3, refreshEvery: 8 }, denoiser);
    const [full, ...windows] = denoiser.requests;
    assert.equal(full!.ids.length, 10);
    assert.deepEqual([...full!.keep!], [0, 1, 2, 7, 8, 9]);
    assert.equal(windows.length, 2);
    for (const request of windows) assert.equal(request.past?.length, 6);
    assert.deepEqual([...windows[0]!.positions], [3, 4, 5, 6]);
    assert.equal(denoiser.liveCaches, 0);
  });

  it('runs no row of the window again that nobody reads and that has not changed', async () => {
    const denoiser = mixed();
    const canvas = canvasOf('1 2 3 4 · · · · 5 6 7');
    const steps = await run(canvas, { sampler: 'even', steps: 4, refreshEvery: 8 }, denoiser);
    const committed = steps.map((step) => step.committed[0]!);
    for (const step of [2, 3]) {
      const masks = committed.slice(step);
      const rows = new Set([...masks.map((position) => position - 1), committed[step - 1]!]);
      const { positions, near } = denoiser.requests[step]!;
      assert.deepEqual([...positions], [...rows].sort());
      assert.equal(positions.length + near!.rows.length, 5);
    }
    assert.equal(denoiser.liveCaches, 0);
  });

  it('drafts as many tokens of a gap from the left as the steps before make likely', async () => {
    const denoiser = new ToyDenoiser(vocabSize, mixedLogits(vocabSize, 200));
    const span = { start: 5, end: 65 };
    const canvas = new Canvas(new Int32Array(70).fill(1), [span], maskId, { fromLeft: true });
    const steps = await run(canvas, { sampler: 'factor', refreshEvery: 64 }, denoiser);
    const counts = steps.map(({ committed }) => committed.length);
    assert.ok(new Set(counts).size > 2, `the toy is sure of few and of many: ${counts.join(' ')}`);
    let [left, ahead] = [60, 12];
    for (const [step, { rows }] of denoiser.requests.entries()) {
      assert.equal(rows.length, Math.min(left, ahead));
      left -= counts[step]!;
      // Twice what was committed, half of what was drafted, two at least and twelve at most.
      ahead = Math.min(12, Math.max(2, 2 * counts[step]!, Math.floor(ahead / 2)));
    }
  });

  it('windowed and exact agree where the context does not depend on the gap', async () => {
    // The toy sees tokens, not hidden states, so its cache is never stale: both must be equal.
    for (const sampler of ['even', 'factor', 'topk-mask'] as SamplerName[]) {
      const [exact, windowed] = [canvasOf(wide), canvasOf(wide)];
      await run(exact, { sampler, steps: 5 });
      await run(windowed, { sampler, steps: 5, refreshEvery: 100 });
      assert.equal(exact.show(), windowed.show());
    }
  });

  it('stops between two steps when aborted, and frees its cache', async () => {
    const denoiser = mixed();
    const abort = new AbortController();
    const canvas = canvasOf(wide);
    const pump = async () => {
      const options = { sampler: 'even', steps: 7, refreshEvery: 9, signal: abort.signal } as const;
      for await (const step of denoise(canvas, denoiser, traits, options)) {
        if (step.step === 1) abort.abort();
      }
    };
    await assert.rejects(pump(), { name: 'AbortError' });
    assert.equal(denoiser.requests.length, 2);
    assert.equal(denoiser.liveCaches, 0);
  });

  it('skips forwards that cannot change anything', async () => {
    const denoiser = mixed();
    await run(canvasOf('1 · · · 2'), { sampler: 'topk-mask', steps: 32 }, denoiser);
    assert.ok(denoiser.requests.length <= 4, `${denoiser.requests.length} forwards`);
    const random = mixed();
    const steps = await run(canvasOf('1 · · · 2'), { sampler: 'random-keep', steps: 64 }, random);
    assert.ok(steps.length <= 3 && random.requests.length <= 3);
  });

  it('keeps pinned tokens inside a span', async () => {
    const canvas = canvasOf('1 · · · 2');
    const pinned = new Canvas(Int32Array.of(1, 9, 17, 9, 2), canvas.spans, maskId, {
      pinned: new Set([2]),
    });
    await run(pinned, {});
    assert.equal(pinned.ids[2], 17);
    assert.equal(pinned.maskedCount(), 0);
  });

  it('obeys a slot rule that none of the top candidates meets', async () => {
    const flat = new ToyDenoiser(200, (_, seen) =>
      Array.from({ length: 200 }, (_unused, id) => (id === 150 ? -5 : seen.size + id / 200)),
    );
    const rules = new Map([[2, { narrow: false, allows: (id: number) => id === 150 }]]);
    const canvas = new Canvas(Int32Array.of(1, 2, 0, 0, 3), [{ start: 2, end: 4 }], 0, { rules });
    await run(canvas, {}, flat, { ...traits, maskId: 0 });
    assert.equal(canvas.ids[2], 150);
  });
});
