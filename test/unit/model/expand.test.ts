import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { convertCheckpoint } from '../../../src/model/convert';
import { expandForCpu } from '../../../src/model/expand';
import { openModel } from '../../../src/model/load';
import { openModelFolder } from '../../../src/model/modelFolder';
import { openDenoiser } from '../../../src/model/openDenoiser';
import type { ModelFolder } from '../../../src/model/modelFolder';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';

describe('weights that travel in 4 bits and run in 8', () => {
  const at = useTempFolder();
  let shipped: ModelFolder;

  beforeEach(async () => {
    // Widths that fill no whole block of 32 or 128, grouped keys, a tied head.
    const shape = {
      ...({ architecture: 'llama', hiddenSize: 48, heads: 6, keyValueHeads: 2 } as const),
      ...{ feedForwardSize: 80, tiedHead: true },
    };
    await writeTinyCheckpoint(at('tiny'), shape);
    const outDir = at('q4');
    const formats = { weights: 'q4', cpuWeights: 'q8' } as const;
    await convertCheckpoint(at('tiny'), { ...formats, outDir });
    shipped = await openModelFolder(outDir);
  });

  async function logitsOf(folder: ModelFolder): Promise<Float32Array> {
    const denoiser = await openDenoiser(folder, 'cpu', 'fused', 1);
    const ids = Int32Array.of(1, 2, 5, 7, 9, 11);
    const rows = Int32Array.from(ids.keys());
    const request = { ids, positions: rows, rows, banned: [], wantLogits: true };
    const { logits } = await denoiser.forward(request);
    await denoiser.dispose();
    return logits!;
  }

  it('computes what the 4 bits say, but for rounding to 8', async () => {
    const expanded = await expandForCpu(shipped, { cacheDir: at('cache') });
    assert.equal(expanded.manifest.weights, 'q8');
    const [four, eight] = [await logitsOf(shipped), await logitsOf(expanded)];
    const size = Math.hypot(...four);
    const apart = Math.hypot(...four.map((value, i) => value - eight[i]!));
    assert.ok(apart > 0 && apart < 0.06 * size, `${apart} of ${size}`);
  });

  it('is made once, and again where it was damaged', async () => {
    const { dir, weightFile } = await expandForCpu(shipped, { cacheDir: at('cache') });
    const made = statSync(weightFile).mtimeMs;
    assert.equal((await expandForCpu(shipped, { cacheDir: at('cache') })).dir, dir);
    assert.equal(statSync(weightFile).mtimeMs, made);
    const bytes = readFileSync(weightFile);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(weightFile, bytes);
    const again = await expandForCpu(shipped, { cacheDir: at('cache') });
    assert.notDeepEqual(readFileSync(again.weightFile), bytes);
  });

  it('leaves nothing else behind, also where two are at it', async () => {
    const made = await Promise.all(
      [1, 2].map(() => expandForCpu(shipped, { cacheDir: at('cache') })),
    );
    assert.equal(made[0]!.dir, made[1]!.dir);
    assert.deepEqual(
      readdirSync(at('cache')).filter((name) => name !== '.intact'),
      [path.basename(made[0]!.dir)],
    );
  });

  it('leaves other folders as they are', async () => {
    const outDir = at('plain');
    await convertCheckpoint(at('tiny'), { weights: 'q4', outDir });
    const plain = await openModelFolder(outDir);
    assert.equal(await expandForCpu(plain, { cacheDir: at('cache') }), plain);
  });

  it('is loaded on a CPU, and the model says so', async () => {
    const model = await openModel(shipped.dir, {
      device: 'cpu',
      cacheDir: at('cache'),
      threads: 1,
    });
    await model.denoiser.dispose();
    assert.equal(model.manifest.weights, 'q8');
    assert.equal(model.dir, shipped.dir);
  });

  it('runs in 4 bits where the cache cannot be written, and says so', async () => {
    writeFileSync(at('no folder'), '');
    const blocked = at('no folder', 'cache');
    const model = await openModel(shipped.dir, { device: 'cpu', cacheDir: blocked, threads: 1 });
    await model.denoiser.dispose();
    assert.equal(model.manifest.weights, 'q4');
    assert.match(model.notes.join(), /stay in 4 bits, which is slower/);
  });

  it('ends where it is not wanted any more', async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(expandForCpu(shipped, { cacheDir: at('cache'), signal }), {
      name: 'AbortError',
    });
    const left = readdirSync(at('cache')).filter((name) => name !== '.intact');
    assert.deepEqual(left, []);
  });
});
