/**
 * Estimates against what was measured on two cores: GPT-2-small at 512 tokens, 442 MiB with 8 bits,
 * 438 with 4, 801 with 32; a 7B of LLaMA's shape at 128 tokens, 6.4 and 5.7 GB with 8 and 4 bits.
 */
import assert from 'node:assert/strict';
import { catalogue } from '../../../src/hub/catalogue';
import { fitOf, forwardMacs, neededBytes, shapeOf, type ModelShape } from '../../../src/hub/fit';
import { readGpus } from '../../../src/hub/machine';

const shape = (end: string): ModelShape => catalogue.find(({ id }) => id.endsWith(end))!.shape;
const small = shape('diffugpt-s');
const big = shape('diffullama');
const machine = (gigabytes: number, gpuGigabytes?: number) => ({
  ...{ cpu: 'x', cores: 2, totalBytes: 64e9, availableBytes: gigabytes * 1e9 },
  ...(gpuGigabytes !== undefined && {
    gpu: { name: 'g', totalBytes: 80e9, freeBytes: gpuGigabytes * 1e9 },
  }),
});

describe('fit', () => {
  it('is at least what was measured, and not more than a quarter above', () => {
    const measured = [
      [neededBytes(small, 'q8', 512), 442 * 2 ** 20],
      [neededBytes(small, 'f32', 512), 801 * 2 ** 20],
      [neededBytes(small, 'q4', 512), 0.96 * 438 * 2 ** 20], // 4 % under is the worst
      [neededBytes(big, 'q8', 128), 6.4e9],
      [neededBytes(big, 'q4', 128), 5.7e9],
    ] as const;
    for (const [estimate, bytes] of measured) {
      assert.ok(estimate >= bytes && estimate < 1.25 * bytes, `${estimate} for ${bytes}`);
    }
  });

  it('fits, fits with a smaller window, or does not', () => {
    const verdict = (gigabytes: number) => {
      const { verdict: found, window } = fitOf(big, {}, machine(gigabytes));
      return [found, window];
    };
    assert.deepEqual(verdict(20), ['fits', 2048]);
    assert.deepEqual(verdict(12), ['smaller-window', 1024]);
    assert.deepEqual(verdict(10), ['smaller-window', 512]);
    assert.deepEqual(verdict(8), ['does-not-fit', 256]);
    assert.deepEqual(fitOf(small, { window: 4096 }, machine(8)).window, 512);
    assert.equal(fitOf(big, { weights: 'f32' }, machine(20)).verdict, 'does-not-fit');
    assert.equal(fitOf(big, { weights: 'q4' }, machine(9)).verdict, 'smaller-window');
  });

  it('reckons with the memory of a GPU apart', () => {
    assert.equal(fitOf(big, { weights: 'f16' }, machine(20, 24)).fitsGpu, true);
    assert.equal(fitOf(big, { weights: 'f16' }, machine(20, 12)).fitsGpu, false);
    assert.equal('fitsGpu' in fitOf(big, {}, machine(20)), false);
  });

  it('extrapolates the time of a forward from measured products', () => {
    // 85M weights of matrices at 512 tokens, attention and 32 rows of the head beside them.
    assert.ok(Math.abs(forwardMacs(small, 512) / (512 * 85.9e6) - 1) < 0.15);
    const { forwardMs } = fitOf(small, {}, machine(20), 400e9);
    assert.ok(forwardMs! > 105 && forwardMs! < 130, String(forwardMs)); // measured: 114
  });

  it('reads the dimensions of every family from config.json', () => {
    const gpt2 = { model_type: 'gpt2', n_embd: 768, n_layer: 12, n_head: 12, n_positions: 1024 };
    const read = shapeOf({ ...gpt2, vocab_size: 50_257, n_inner: null }, small.parameters)!;
    assert.deepEqual(read, { ...small, maxTokens: 1024 });
    const llada = { d_model: 4096, n_layers: 32, n_heads: 32, n_kv_heads: 32, embedding_size: 9 };
    assert.equal(shapeOf({ ...llada, mlp_hidden_size: 12_288 }, 8e9)!.feedForwardSize, 12_288);
    assert.equal(shapeOf({ model_type: 'gpt2' }, 1), undefined);
  });

  it('has a catalogue without doubles and with plausible figures', () => {
    assert.equal(new Set(catalogue.map(({ id }) => id)).size, catalogue.length);
    for (const { id, shape: each, downloadBytes, quality, licence, context } of catalogue) {
      assert.match(id, /^[\w.-]+\/[\w.-]+$/);
      assert.ok(quality !== '' && licence !== '' && context <= each.maxTokens, id);
      const bytesPerWeight = downloadBytes / each.parameters;
      assert.ok(bytesPerWeight > 1.9 && bytesPerWeight < 2.2, `${id}: ${bytesPerWeight}`);
    }
  });

  it('reads what NVIDIA tells of its cards, and nothing from noise', () => {
    const two = 'NVIDIA A, 24576, 1000\nNVIDIA B, PCIe, 81920, 80000\n';
    assert.deepEqual(readGpus(two), {
      ...{ name: 'NVIDIA B, PCIe', totalBytes: 81_920 * 2 ** 20, freeBytes: 80_000 * 2 ** 20 },
    });
    assert.equal(readGpus('NVIDIA-SMI has failed\n'), undefined);
  });
});
