/**
 * Whether a GPU computes what the CPU computes with a model, with which attention, and under `auto` whether
 * it is faster. Meant to run in a process of its own (trialProcess.ts): a driver may take its process down.
 * Says what it found, keeps nothing open.
 */
import { LacunaError } from '../protocol/errors';
import type { Device, DeviceWish } from '../protocol/messages';
import type { AttentionKind } from './attention';
import type { Denoiser } from './denoiser';
import type { ModelFolder } from './modelFolder';
import { finiteTrial, openDenoiser, openTrusted } from './openDenoiser';
import { disagreement, runTrial } from './selfCheck';
import type { Trial } from './selfCheck';

export interface TrialRequest {
  readonly device: Device;
  readonly wish: DeviceWish;
  readonly threads: number;
  readonly attention?: AttentionKind;
}

export interface TrialReport {
  /** The attention that is right there; absent: the device is left. */
  readonly attention?: AttentionKind;
  /** What was found on the way, for the log. */
  readonly notes: readonly string[];
}

/**
 * How far a GPU may be from the CPU, relative to the largest logit, both in 32-bit floats: rounding
 * gives 1e-6 to 1e-3. A fused kernel that forgets keys was off by no more than 0.025.
 */
const tolerance = 0.005;

/** Fused attention, else plain, else notes on why the device is left. */
export async function tryGpu(
  model: ModelFolder,
  { device, wish, threads, attention: only }: TrialRequest,
): Promise<TrialReport> {
  const notes: string[] = [];
  let reference: Trial | undefined;
  for (const attention of only ? [only] : (['fused', 'plain'] as const)) {
    let denoiser: Denoiser | undefined;
    try {
      denoiser = await openDenoiser(model, device, attention, threads);
      const trial = await runTrial(denoiser); // 16-bit shaders fail only here
      reference ??= await referenceTrial(model, threads);
      const distance = disagreement(trial, reference);
      if (distance <= tolerance) {
        const slow = wish === 'auto' && (await slowerThanCpu(model, trial, threads));
        if (!slow) return { attention, notes };
        notes.push(`${device}: ${slow}`);
        return { notes };
      }
      notes.push(`${device}: ${attention} attention is off by ${distance.toPrecision(2)}`);
    } catch (error) {
      if (error instanceof LacunaError) throw error; // the model's fault, not the device's
      notes.push(`${device}: ${error instanceof Error ? error.message : String(error)}`);
      if (!denoiser) return { notes }; // no such device: plain attention would not bring it
    } finally {
      await denoiser?.dispose();
    }
  }
  return { notes };
}

/** What a GPU must compute: its own graph in 32-bit floats, run by the CPU. */
async function referenceTrial(model: ModelFolder, threads: number): Promise<Trial> {
  const denoiser = await openTrusted(model, 'cpu', 'plain', threads, 'gpu');
  const trial = await finiteTrial(model, denoiser);
  await denoiser.dispose();
  return trial;
}

/** In words, or undefined. Software GPUs compute correctly, at a hundredth of the speed. */
async function slowerThanCpu(
  model: ModelFolder,
  { stepMs }: Trial,
  threads: number,
): Promise<string | undefined> {
  const denoiser = await openTrusted(model, 'cpu', 'fused', threads);
  const cpu = await runTrial(denoiser);
  await denoiser.dispose();
  if (stepMs <= cpu.stepMs) return undefined;
  return `a step takes ${stepMs.toFixed(1)} ms, on the CPU ${cpu.stepMs.toFixed(1)}`;
}
