/**
 * The graphs against the plain double-precision forward, on tiny random checkpoints of both
 * architectures: full forwards, windowed steps, every weight format, statistics, bad requests.
 */
import assert from 'node:assert/strict';
import type { AttentionKind } from '../../../src/model/attention';
import { convertCheckpoint } from '../../../src/model/convert';
import type { Denoiser, ForwardRequest, KeyValueCache } from '../../../src/model/denoiser';
import { openDenoiser } from '../../../src/model/openDenoiser';
import { openModelFolder } from '../../../src/model/modelFolder';
import type { WeightFormat } from '../../../src/protocol/messages';
import { expectError } from '../../support/expectError';
import { referenceForward } from '../../support/referenceForward';
import { roundedWeights } from '../../support/roundedWeights';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';
import type { TinyOptions } from '../../support/tinyCheckpoint';

const canvas = Int32Array.from({ length: 40 }, (_, i) => (i * 29 + 11) % 97);
const upTo = (length: number) => Int32Array.from({ length }, (_, i) => i);

const models: Readonly<Record<string, TinyOptions>> = {
  gpt2: { architecture: 'gpt2' },
  llama: { architecture: 'llama' },
  'llama with grouped heads and biases': {
    architecture: 'llama',
    keyValueHeads: 2,
    attentionBias: true,
    hiddenSize: 48,
  },
  'llama with a tied head': { architecture: 'llama', tiedHead: true },
};

describe('forward', () => {
  const at = useTempFolder();
  const running: Denoiser[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((denoiser) => denoiser.dispose()));
  });

  async function open(
    options: TinyOptions,
    weights: WeightFormat = 'f32',
    attention: AttentionKind = 'fused',
  ) {
    const checkpoint = await writeTinyCheckpoint(at('tiny'), options);
    await convertCheckpoint(at('tiny'), { outDir: at(weights), weights });
    const denoiser = await openDenoiser(await openModelFolder(at(weights)), 'cpu', attention, 1);
    running.push(denoiser);
    return { denoiser, checkpoint };
  }

  /** (L, V) of every row. */
  async function allLogits(denoiser: Denoiser, ids = canvas): Promise<Float32Array> {
    const rows = upTo(ids.length);
    const result = await denoiser.forward({
      ids,
      positions: rows,
      rows,
      banned: [],
      wantLogits: true,
    });
    return result.logits!;
  }

  /** Largest difference relative to the largest expected value. */
  function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
    assert.equal(found.length, expected.length);
    let [difference, largest] = [0, 0];
    for (let i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs(found[i] - expected[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    assert.ok(Number.isFinite(difference) && largest > 0);
    return difference / largest;
  }

  for (const [name, options] of Object.entries(models)) {
    for (const attention of ['fused', 'plain'] as const) {
      it(`${name} with ${attention} attention computes what plain arithmetic does`, async () => {
        const { denoiser, checkpoint } = await open(options, 'f32', attention);
        const expected = referenceForward(checkpoint, canvas).flat();
        assert.ok(distance(await allLogits(denoiser), expected) < 1e-5);
      });

      it(`${name} with ${attention} attention: a step over a fresh cache is a full forward`, async () => {
        const { denoiser } = await open(options, 'f32', attention);
        const full = await allLogits(denoiser);
        const window = Int32Array.of(13, 14, 15, 16, 29, 30); // two gaps, the context around them
        const context = upTo(canvas.length).filter((p) => !window.includes(p));
        const { kept } = await denoiser.forward({
          ids: canvas,
          positions: upTo(canvas.length),
          rows: new Int32Array(),
          banned: [],
          keep: context,
        });
        assert.equal(kept!.length, context.length);
        const rows = Int32Array.of(0, 3, 5);
        const step = await denoiser.forward({
          ids: window.map((p) => canvas[p]),
          positions: window,
          rows,
          banned: [],
          past: kept!,
          wantLogits: true,
        });
        const v = denoiser.vocabSize;
        const expected = [...rows].flatMap((r) => [
          ...full.slice(window[r] * v, (window[r] + 1) * v),
        ]);
        assert.ok(distance(step.logits!, expected) < 1e-5);
      });
    }

    it(`${name}: a part of a window, the rest of it cached anew, is a full forward`, async () => {
      const { denoiser } = await open(options, 'f32');
      const full = await allLogits(denoiser);
      const [window, outside] = [upTo(40).slice(30), upTo(30)];
      const run = (part: Partial<ForwardRequest> & { positions: Int32Array }, ids = canvas) =>
        denoiser.forward({
          ...{ ids: part.positions.map((p) => ids[p]), rows: new Int32Array(), banned: [] },
          ...part,
        });
      const past = (await run({ positions: upTo(40), keep: outside })).kept!;
      // What the window held before: another token at 33, which then becomes the right one.
      const before = canvas.with(33, (canvas[33] + 1) % 97);
      const { kept: cache } = await run({ positions: window, past, keep: upTo(10) }, before);
      const others = (...rows: number[]) => upTo(10).filter((row) => !rows.includes(row));
      const step = (rows: readonly number[]) => ({
        ...{ positions: Int32Array.from(rows, (row) => 30 + row), past },
        ...{ near: { cache: cache!, rows: others(...rows) }, keep: upTo(rows.length) },
      });
      // Keys of a layer depend on all tokens, so the second time over they are those of the right canvas.
      for (let time = 0; time < 2; time++) {
        for (const rows of [[3, 4, 8], others(3, 4, 8)]) {
          const { kept } = await run(step([...rows]));
          cache!.replace(Int32Array.from(rows), kept!);
        }
      }
      const last = await run({ ...step([2, 3, 9]), rows: upTo(3), wantLogits: true });
      const v = denoiser.vocabSize;
      const expected = [32, 33, 39].flatMap((p) => [...full.slice(p * v, (p + 1) * v)]);
      assert.ok(distance(last.logits!, expected) < 1e-5);
    });

    it(`${name} looks both ways: the last token changes the first row`, async () => {
      const { denoiser } = await open(options);
      const before = await allLogits(denoiser);
      const after = await allLogits(denoiser, canvas.with(39, (canvas[39] + 1) % 97));
      const v = denoiser.vocabSize;
      assert.ok(distance(after.slice(0, v), before.slice(0, v)) > 1e-3);
    });

    it(`${name} reads bf16 shards and f16 files`, async () => {
      for (const dtype of ['BF16', 'F16'] as const) {
        const { denoiser, checkpoint } = await open({ ...options, dtype, shards: 3 });
        const expected = referenceForward(checkpoint, canvas).flat();
        assert.ok(distance(await allLogits(denoiser), expected) < 1e-5, dtype);
      }
    });

    // What rounded activations add: the largest error of 40 x 97 logits, on random weights. Seen: 0.08
    // for q8 (one scale for all rows), 0.04 for q4 (a scale per block). Tiny layers average little out.
    const tolerances = { f16: 1e-5, q8: 0.12, q4: 0.06 } as const;
    for (const weights of ['f16', 'q8', 'q4'] as const) {
      it(`${name} in ${weights} computes what the rounded weights say`, async () => {
        const { denoiser, checkpoint } = await open(options, weights);
        const expected = referenceForward(roundedWeights(checkpoint, weights), canvas).flat();
        const exact = await openDenoiser(
          await openModelFolder(at(weights)),
          'cpu',
          'plain',
          1,
          'gpu',
        );
        running.push(exact);
        // The graph for GPUs rounds no activations.
        assert.ok(distance(await allLogits(exact), expected) < 2e-5);
        const off = distance(await allLogits(denoiser), expected);
        assert.ok(off < tolerances[weights], `off by ${off}`);
      });
    }
  }

  it('gives exact f16 checkpoints back exactly in f16', async () => {
    const { denoiser, checkpoint } = await open({ dtype: 'F16' }, 'f16');
    const expected = referenceForward(checkpoint, canvas).flat();
    assert.ok(distance(await allLogits(denoiser), expected) < 1e-5);
  });

  it('multiplies with a stored head of its own', async () => {
    const values = Float32Array.from({ length: 97 * 32 }, (_, i) => Math.sin(i));
    const { denoiser } = await open({
      change: (tensors) => tensors.set('lm_head.weight', { shape: [97, 32], values }),
    });
    const { denoiser: tied } = await open({});
    assert.ok(distance(await allLogits(denoiser), await allLogits(tied)) > 0.1);
  });

  describe('statistics', () => {
    it('are the best tokens, their logits and the log-sum-exp of a row', async () => {
      const { denoiser } = await open({});
      const rows = Int32Array.of(7, 3);
      const { stats, logits } = await denoiser.forward({
        ids: canvas,
        positions: upTo(40),
        rows,
        banned: [5, 50],
        wantLogits: true,
      });
      assert.equal(stats.width, 64);
      for (let r = 0; r < rows.length; r++) {
        const row = logits!
          .slice(r * 97, (r + 1) * 97)
          .map((v, id) => (id === 5 || id === 50 ? -1e30 : v));
        const best = [...row.keys()].sort((a, b) => row[b] - row[a]).slice(0, 64);
        assert.deepEqual([...stats.ids.slice(r * 64, (r + 1) * 64)], best);
        assert.deepEqual(
          [...stats.logits.slice(r * 64, (r + 1) * 64)],
          best.map((id) => row[id]),
        );
        const sum = row.reduce((total, v) => total + Math.exp(v - row[best[0]]), 0);
        assert.ok(Math.abs(stats.logSumExp[r] - (row[best[0]] + Math.log(sum))) < 1e-5);
      }
    });

    it('give banned tokens the probability 0 and forget the last ban', async () => {
      const { denoiser } = await open({ vocabSize: 40 });
      const request = { ids: Int32Array.of(1, 2, 3), positions: upTo(3), rows: Int32Array.of(1) };
      const free = (await denoiser.forward({ ...request, banned: [] })).stats;
      const best = free.ids[0];
      const { stats } = await denoiser.forward({ ...request, banned: [best] });
      assert.equal(stats.width, 40); // no more candidates than tokens
      assert.equal(stats.ids.at(-1), best);
      assert.equal(Math.exp(stats.logits.at(-1)! - stats.logSumExp[0]), 0);
      assert.deepEqual((await denoiser.forward({ ...request, banned: [] })).stats, free);
    });

    it('are empty when no row is wanted', async () => {
      const { denoiser } = await open({});
      const request = { ids: canvas, positions: upTo(40), rows: new Int32Array(), banned: [] };
      const { stats, logits, kept } = await denoiser.forward({ ...request, wantLogits: true });
      assert.deepEqual([stats.ids.length, stats.logSumExp.length, logits!.length], [0, 0, 0]);
      assert.equal(kept, undefined);
    });
  });

  describe('refuses', () => {
    const good = { ids: Int32Array.of(1, 2), positions: upTo(2), rows: upTo(2), banned: [] };
    const cases: readonly [string, Partial<typeof good> & { keep?: Int32Array }, RegExp][] = [
      [
        'an unknown token',
        { ids: Int32Array.of(1, 97) },
        /token id 97 is outside the vocabulary of 97/,
      ],
      ['a negative token', { ids: Int32Array.of(-1, 2) }, /token id -1/],
      ['no rows to run', { ids: new Int32Array(), positions: new Int32Array() }, /no row to run/],
      ['a row that is not run', { rows: Int32Array.of(2) }, /row 2 is not among the 2 run/],
      ['to keep a row that is not run', { keep: Int32Array.of(-1) }, /row -1/],
      ['fewer positions than ids', { positions: upTo(1) }, /2 token ids came with 1 positions/],
    ];
    for (const [what, change, text] of cases) {
      it(what, async () => {
        const { denoiser } = await open({});
        await expectError(denoiser.forward({ ...good, ...change }), 'badInput', text);
      });
    }

    it('to ban an unknown token', async () => {
      const { denoiser } = await open({});
      await expectError(denoiser.forward({ ...good, banned: [400] }), 'badInput', /token id 400/);
    });

    it('a canvas longer than the model, its cache included', async () => {
      const { denoiser } = await open({ maxTokens: 40 });
      const long = { ids: new Int32Array(41), positions: upTo(41), rows: upTo(1), banned: [] };
      await expectError(
        denoiser.forward(long),
        'contextTooLong',
        /has 41 tokens, the model takes 40/,
      );
      const beyond = { ...good, positions: Int32Array.of(39, 40) };
      await expectError(denoiser.forward(beyond), 'contextTooLong', /position 40 is outside .* 40/);
      const full = { ids: canvas, positions: upTo(40), rows: upTo(1), banned: [], keep: upTo(39) };
      const { kept } = await denoiser.forward(full);
      const step = denoiser.forward({ ...good, past: kept! });
      await expectError(step, 'contextTooLong', /has 41 tokens/);
    });

    it('a cache that is not its own', async () => {
      const { denoiser } = await open({});
      const nothing = () => undefined;
      const past: KeyValueCache = {
        ...{ length: 3, select: () => past, replace: nothing, dispose: nothing },
      };
      await expectError(denoiser.forward({ ...good, past }), 'badInput', /another denoiser/);
    });
  });
});
