/** Opening a model end to end: devices, self-check, progress, and models that cannot run. */
import assert from 'node:assert/strict';
import type { Denoiser, ForwardRequest, KeyValueCache } from '../../../src/model/denoiser';
import { devicesToTry } from '../../../src/model/device';
import { openModel } from '../../../src/model/load';
import { disagreement, runTrial } from '../../../src/model/selfCheck';
import { defaultThreads, physicalCores } from '../../../src/model/threads';
import { isAbort } from '../../../src/protocol/errors';
import type { LoadProgress } from '../../../src/protocol/messages';
import { editManifest } from '../../support/editManifest';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';

/** As many entries as an embedding has rows. */
function vocabularyOf(size: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: size }, (_, id) => [`t${id}`, id]));
}

describe('openModel', () => {
  const at = useTempFolder();

  it('opens a checkpoint folder, converting it on the way', async () => {
    const tokenizer = { model: { vocab: vocabularyOf(97) } };
    await writeTinyCheckpoint(at('tiny'), { files: { 'tokenizer.json': tokenizer } });
    const progress: LoadProgress[] = [];
    const model = await openModel(at('tiny'), {
      device: 'cpu',
      cacheDir: at('cache'),
      onProgress: (step) => progress.push(step),
    });
    assert.equal(model.device, 'cpu');
    assert.equal(model.manifest.weights, 'q8');
    assert.ok(model.dir.startsWith(at('cache')));
    assert.deepEqual(model.tokenizerFiles, { tokenizer, config: {} });
    assert.ok(model.loadMs > 0);
    const stages = [...new Set(progress.map((step) => step.stage))];
    assert.deepEqual(stages, ['reading', 'converting', 'building', 'warming']);
    const fractions = progress.map((step) => step.fraction);
    assert.deepEqual(
      fractions,
      fractions.toSorted((a, b) => a - b),
    );
    assert.equal(fractions.at(-1), 1);
    await model.denoiser.dispose();
  });

  it('keeps a small model on the CPU under auto', async () => {
    await writeTinyCheckpoint(at('tiny'), { architecture: 'llama' });
    const model = await openModel(at('tiny'), { device: 'auto', cacheDir: at('cache') });
    assert.equal(model.device, 'cpu');
    await model.denoiser.dispose();
  });

  it('refuses a device that is not there, naming what is', async () => {
    await writeTinyCheckpoint(at('tiny'));
    const open = (device: 'dml' | 'cuda') =>
      openModel(at('tiny'), { device, cacheDir: at('cache') });
    if (process.platform === 'linux') {
      await expectError(
        open('dml'),
        'deviceUnavailable',
        /"dml": this build has no such device.*cpu/,
      );
    }
  });

  it('finds weights that compute no numbers', async () => {
    await writeTinyCheckpoint(at('tiny'), {
      change: (tensors) => tensors.get('denoise_model.ln_f.bias')!.values.fill(NaN),
    });
    const opening = openModel(at('tiny'), { device: 'cpu', cacheDir: at('cache') });
    const text = /model.safetensors": value 0 of tensor "denoise_model.ln_f.bias" is NaN/;
    await expectError(opening, 'badCheckpoint', text);
    await writeTinyCheckpoint(at('huge'), {
      change: (tensors) => tensors.get('denoise_model.ln_f.weight')!.values.fill(3e38),
    });
    const huge = openModel(at('huge'), { device: 'cpu', cacheDir: at('cache') });
    await expectError(huge, 'badCheckpoint', /no finite numbers/);
  });

  it('finds weights that are not those of the manifest', async () => {
    await writeTinyCheckpoint(at('tiny'));
    const options = { device: 'cpu', cacheDir: at('cache'), weights: 'f32' } as const;
    const { dir, denoiser } = await openModel(at('tiny'), options);
    await denoiser.dispose();
    editManifest(dir, { weights: 'q8' });
    const text = /tensor "embed.weight" is F32 \[97, 32\], not I8 \[97, 32\]/;
    await expectError(openModel(dir, options), 'badCheckpoint', text);
    editManifest(dir, { weights: 'f32', architecture: 'llama' });
    await expectError(openModel(dir, options), 'badCheckpoint', /query.weight" is missing/);
  });

  it('stops when asked to', async () => {
    await writeTinyCheckpoint(at('tiny'));
    const signal = AbortSignal.abort();
    const opening = openModel(at('tiny'), { device: 'cpu', cacheDir: at('cache'), signal });
    await assert.rejects(opening, isAbort);
  });
});

describe('devicesToTry', () => {
  const bundled = (...names: string[]) => names.map((name) => ({ name, bundled: true }));
  const linux = {
    platform: 'linux',
    backends: [...bundled('cpu', 'webgpu'), { name: 'cuda', bundled: false }],
    hasGpu: true,
  } as const;

  it('takes bundled GPU providers first under auto, the CPU last', () => {
    const auto = (platform: NodeJS.Platform, ...names: string[]) =>
      devicesToTry('auto', { platform, backends: bundled(...names), hasGpu: true });
    assert.deepEqual(devicesToTry('auto', linux), ['webgpu', 'cpu']);
    assert.deepEqual(auto('win32', 'cpu', 'dml', 'webgpu'), ['webgpu', 'dml', 'cpu']);
    assert.deepEqual(auto('darwin', 'cpu', 'coreml', 'webgpu'), ['webgpu', 'coreml', 'cpu']);
    assert.deepEqual(auto('linux', 'cpu'), ['cpu']);
    assert.deepEqual(auto('freebsd', 'cpu', 'webgpu'), ['cpu']);
  });

  it('leaves GPU providers alone under auto where there is no GPU', () => {
    assert.deepEqual(devicesToTry('auto', { ...linux, hasGpu: false }), ['cpu']);
  });

  it('tries a wish alone, even where its libraries are not bundled', () => {
    assert.deepEqual(devicesToTry('cpu', linux), ['cpu']);
    assert.deepEqual(devicesToTry('cuda', linux), ['cuda']);
    assert.deepEqual(devicesToTry('webgpu', { ...linux, hasGpu: false }), ['webgpu']);
  });

  it('refuses a wish that this build cannot try', () => {
    const refused = () => devicesToTry('coreml', linux);
    return expectError(refused, 'deviceUnavailable', /cpu, webgpu, cuda/);
  });
});

describe('selfCheck', () => {
  /** Logits that depend on all keys, or on no more than `reach` of them, as a broken kernel has it. */
  function toyDenoiser(reach: number): Denoiser {
    return {
      vocabSize: 10,
      maxTokens: 64,
      dispose: async () => undefined,
      forward: async ({ ids, rows, past, keep }: ForwardRequest) => {
        const keys = Math.min(reach, ids.length + (past?.length ?? 0));
        const logits = Float32Array.from(
          { length: rows.length * 10 },
          (_, i) => Math.sin(i) + keys,
        );
        const empty = { width: 0, ids: new Int32Array(), logits: logits.subarray(0, 0) };
        const stats = { ...empty, logSumExp: logits.subarray(0, 0) };
        const cacheOf = (length: number): KeyValueCache => ({
          length,
          select: (indices) => cacheOf(indices.length),
          replace: () => undefined,
          dispose: () => undefined,
        });
        const kept = cacheOf(keep?.length ?? 0);
        return { stats, logits, ...(keep ? { kept } : {}) };
      },
    };
  }

  it('finds a device that is wrong beyond 16 keys', async () => {
    const right = await runTrial(toyDenoiser(Infinity));
    assert.equal(disagreement(await runTrial(toyDenoiser(Infinity)), right), 0);
    assert.ok(disagreement(await runTrial(toyDenoiser(16)), right) > 0.5);
  });

  it('gives NaN for logits that are not finite', async () => {
    const right = await runTrial(toyDenoiser(Infinity));
    const broken = { ...right, logits: right.logits.map((part) => part.map(() => NaN)) };
    assert.ok(Number.isNaN(disagreement(broken, right)));
  });
});

describe('threads', () => {
  it('leaves a core to the editor where there is more than one', () => {
    assert.equal(defaultThreads(), Math.max(1, physicalCores() - 1));
    assert.ok(physicalCores() >= 1);
  });
});
