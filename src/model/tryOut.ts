/**
 * Opens a model folder that is still being made and puts it to its self-test, on the CPU, where every
 * sound model runs. A model that would not fit the memory beside all else is not tried, and its
 * manifest says so. Knows no text.
 */
import { totalmem } from 'node:os';
import path from 'node:path';
import { LacunaError } from '../protocol/errors';
import { hasFiniteLogits, runTrial } from './selfCheck';
import { badCheckpoint } from './modelErrors';
import type { Manifest, SelfTestRecord } from './manifest';
import { openDenoiser } from './openDenoiser';
import { readSafetensors } from './safetensors';
import { selfTest } from './selfTest';
import { defaultThreads } from './threads';

/** ONNX Runtime keeps a packed copy of most weights besides the mapped file, f16 as 32-bit floats. */
const memoryPerByte = { f32: 2, f16: 3, q8: 2, q4: 2 } as const;
/** Of the machine's memory. */
const mostShare = 0.6;

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
  if (needed > Math.min(2.5e9, mostShare * totalmem())) {
    const note = `it would take about ${gigabytes(needed)} GB of this machine's ${gigabytes(totalmem())}`;
    return { seesSuffix: 'not run', shift: 'not run', note };
  }
  const file = path.join(dir, manifest.weightFile);
  const weights = await readSafetensors(file);
  const selfTestOf = { seesSuffix: 'not run', shift: 'not run', note: '' } as const;
  const model = { dir, weightFile: file, weights, manifest: { ...manifest, selfTest: selfTestOf } };
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

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
