/**
 * Opens a model folder that is still being made and puts it to its self-test, on the CPU, where every
 * sound model runs: as a whole, or a few layers at a time where it is so large that a conversion would
 * take more memory for this than for all else. Knows no text.
 */
import { totalmem } from 'node:os';
import path from 'node:path';
import { LacunaError } from '../protocol/errors';
import { hasFiniteLogits, runTrial } from './selfCheck';
import { LayeredDenoiser } from './layeredDenoiser';
import { badCheckpoint } from './modelErrors';
import type { Manifest, SelfTestRecord } from './manifest';
import { openDenoiser } from './openDenoiser';
import { readSafetensors } from './safetensors';
import { selfTest } from './selfTest';
import { defaultThreads } from './threads';

/** ONNX Runtime keeps a packed copy of most weights besides the mapped file, f16 as 32-bit floats. */
const memoryPerByte = { f32: 2, f16: 3, q8: 2, q4: 2 } as const;
/** What a model may take as a whole, and of the machine's memory. */
const mostBytes = 2e9;
const mostShare = 0.6;
/** Of the weight file, where layers are loaded a few at a time. */
const bytesAtOnce = 4e8;

type Unfinished = Omit<Manifest, 'selfTest'>;

/** @param published what errors name. @throws LacunaError for a model that fails. */
export async function tryOut(
  dir: string,
  manifest: Unfinished,
  published: string,
  snippet?: Int32Array,
): Promise<SelfTestRecord> {
  const bytes = manifest.files[manifest.weightFile]?.bytes ?? 0;
  const needed = bytes * memoryPerByte[manifest.weights];
  const file = path.join(dir, manifest.weightFile);
  const weights = await readSafetensors(file);
  const selfTestOf = { seesSuffix: 'not run', shift: 'not run', note: '' } as const;
  const model = { dir, weightFile: file, weights, manifest: { ...manifest, selfTest: selfTestOf } };
  if (needed > Math.min(mostBytes, mostShare * totalmem())) {
    const layered = new LayeredDenoiser(model, bytesAtOnce, defaultThreads());
    return selfTest(layered, manifest, published, snippet);
  }
  const denoiser = await openDenoiser(model, 'cpu', 'fused', defaultThreads()).catch(
    (error: unknown) => {
      if (error instanceof LacunaError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw badCheckpoint(published, `ONNX Runtime refuses the model (${reason})`, undefined, {
        cause: error,
      });
    },
  );
  try {
    if (!hasFiniteLogits(await runTrial(denoiser, 1))) {
      throw badCheckpoint(
        published,
        'the model computes no finite numbers: its weights are damaged',
      );
    }
    return await selfTest(denoiser, manifest, published, snippet);
  } finally {
    await denoiser.dispose();
  }
}
