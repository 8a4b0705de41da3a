/**
 * From a folder to a denoiser that runs: finds or makes the model folder, builds the graph, tries the
 * devices in order until one passes its self-check. The one door of this floor for the server and
 * the CLI. Knows no sampler; hands the tokenizer's files over unread.
 */
import { LacunaError } from '../protocol/errors';
import type { Device, DeviceWish, LoadProgress, WeightFormat } from '../protocol/messages';
import type { AttentionKind } from './attention';
import type { Denoiser } from './denoiser';
import { deviceUnavailable, devicesToTry } from './device';
import { buildGraph } from './graph';
import type { Manifest } from './manifest';
import { badCheckpoint } from './modelErrors';
import { openModelFolder, readTokenizerFiles, resolveModelDir } from './modelFolder';
import type { ModelFolder } from './modelFolder';
import { OnnxDenoiser } from './onnxDenoiser';
import { disagreement, runTrial } from './selfCheck';
import type { Trial } from './selfCheck';
import { Session, supportedBackends } from './session';
import { defaultThreads } from './threads';

export interface OpenOptions {
  readonly device: DeviceWish;
  /** Threads on the CPU; absent: physical cores less one. */
  readonly threads?: number;
  /** Where converted checkpoints are kept; absent: the user's cache folder. */
  readonly cacheDir?: string;
  /** Format that a checkpoint folder is converted to; absent: q8. */
  readonly weights?: WeightFormat;
  /** Absent: fused, and plain where a GPU's fused kernel fails its self-check. */
  readonly attention?: AttentionKind;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
}

export interface LoadedModel {
  readonly manifest: Manifest;
  /** The model folder, which may lie in the cache. */
  readonly dir: string;
  readonly denoiser: Denoiser;
  readonly device: Device;
  readonly attention: AttentionKind;
  readonly tokenizerFiles?: { readonly tokenizer: unknown; readonly config: unknown };
  readonly loadMs: number;
  /** Why devices tried before this one were left, for the log. */
  readonly notes: readonly string[];
}

/**
 * How far a GPU may be from the CPU, relative to the largest logit. Wide for rounded weights, where
 * the CPU rounds activations as well (3 %); a broken kernel is off by much more.
 */
const tolerance: Readonly<Record<WeightFormat, number>> = {
  f32: 0.01,
  f16: 0.01,
  q8: 0.15,
  q4: 0.15,
};

export async function openModel(folder: string, options: OpenOptions): Promise<LoadedModel> {
  const started = performance.now();
  const { signal } = options;
  const report = (stage: LoadProgress['stage'], fraction: number) =>
    options.onProgress?.({ stage, fraction });
  report('reading', 0);
  const dir = await resolveModelDir(folder, {
    ...options,
    onProgress: (fraction) => report('converting', 0.8 * fraction),
  });
  const model = await openModelFolder(dir);
  const tokenizerFiles = await readTokenizerFiles(model);
  signal?.throwIfAborted();
  report('building', 0.8);
  const running = await openDevice(model, options, () => report('warming', 0.9));
  try {
    signal?.throwIfAborted();
  } catch (error) {
    await running.denoiser.dispose();
    throw error;
  }
  report('warming', 1);
  const loadMs = performance.now() - started;
  const { manifest } = model;
  return { manifest, dir, ...running, ...(tokenizerFiles ? { tokenizerFiles } : {}), loadMs };
}

type Running = Pick<LoadedModel, 'denoiser' | 'device' | 'attention' | 'notes'>;

/** The first device that works. */
async function openDevice(
  model: ModelFolder,
  options: OpenOptions,
  onWarming: () => void,
): Promise<Running> {
  const backends = supportedBackends();
  const devices = devicesToTry(options.device, process.platform, backends);
  const threads = options.threads ?? defaultThreads();
  const attention = options.attention ?? 'fused';
  const notes: string[] = [];
  const cpu = await openCpu(model, attention, threads);
  onWarming();
  try {
    const reference = await checkedTrial(model, cpu);
    for (const device of devices) {
      if (device === 'cpu') return { denoiser: cpu, device, attention, notes };
      const isWish = options.device !== 'auto';
      const found = await tryGpu(model, device, reference, { ...options, threads, isWish }, notes);
      if (found) {
        await cpu.dispose();
        return { ...found, device, notes };
      }
    }
    const wish = devices[0];
    throw deviceUnavailable(wish, notes.join('; '), backends);
  } catch (error) {
    await cpu.dispose();
    throw error;
  }
}

/** Also finds damaged weights: their logits are not finite. */
async function checkedTrial(model: ModelFolder, cpu: Denoiser): Promise<Trial> {
  const trial = await runTrial(cpu);
  if (Number.isNaN(disagreement(trial, trial))) {
    throw badCheckpoint(model.dir, 'the model computes no finite numbers: its weights are damaged');
  }
  return trial;
}

interface GpuOptions {
  readonly threads: number;
  readonly attention?: AttentionKind;
  /** The user asked for this very device; else it must also be faster than the CPU. */
  readonly isWish: boolean;
}

/** Fused attention, else plain, else a note on why the device was left. */
async function tryGpu(
  model: ModelFolder,
  device: Device,
  reference: Trial,
  { threads, attention, isWish }: GpuOptions,
  notes: string[],
): Promise<{ denoiser: Denoiser; attention: AttentionKind } | undefined> {
  for (const kind of attention ? [attention] : (['fused', 'plain'] as const)) {
    let denoiser: Denoiser | undefined;
    try {
      denoiser = await openDenoiser(model, device, kind, threads);
      const trial = await runTrial(denoiser);
      const distance = disagreement(trial, reference);
      const isExact = distance <= tolerance[model.manifest.weights]; // false for NaN
      // A software GPU (lavapipe, SwiftShader) computes correctly, at a hundredth of the speed.
      const isFast = isWish || trial.stepMs <= reference.stepMs;
      if (isExact && isFast) return { denoiser, attention: kind };
      const speed = `a step takes ${trial.stepMs.toFixed(1)} ms, ${reference.stepMs.toFixed(1)} on the CPU`;
      notes.push(`${device}: ${isExact ? speed : `${kind} attention is off by ${distance}`}`);
      await denoiser.dispose();
      if (isExact) return undefined;
    } catch (error) {
      await denoiser?.dispose();
      notes.push(`${device}: ${error instanceof Error ? error.message : String(error)}`);
      if (!denoiser) return undefined; // no such device: plain attention would not bring it
    }
  }
  return undefined;
}

/** A CPU can run every sound model, so what goes wrong here is the model's fault. */
async function openCpu(
  model: ModelFolder,
  attention: AttentionKind,
  threads: number,
): Promise<Denoiser> {
  try {
    return await openDenoiser(model, 'cpu', attention, threads);
  } catch (error) {
    if (error instanceof LacunaError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const found = `ONNX Runtime refuses the model (${reason})`;
    throw badCheckpoint(model.dir, found, 'Convert the checkpoint again', { cause: error });
  }
}

/** One denoiser on one device, unchecked. Also the way of tests and benches to a chosen variant. */
export async function openDenoiser(
  { manifest, weightFile, weights }: ModelFolder,
  device: Device,
  attention: AttentionKind,
  threads: number,
): Promise<Denoiser> {
  const integerProduct = device === 'cpu';
  const graph = buildGraph(manifest, weightFile, weights, { attention, integerProduct });
  const session = await Session.create(graph, weightFile, { device, threads });
  return new OnnxDenoiser(session, manifest.dimensions);
}
