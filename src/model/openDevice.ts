/**
 * Opens a model on the first device that works. A CPU is taken at its word once the numbers are
 * finite; a GPU must compute what the CPU computes, and under `auto` be faster as well. Knows no
 * folders but the one it is given, and no execution provider by more than its name.
 */
import { LacunaError } from '../protocol/errors';
import type { Device, DeviceWish } from '../protocol/messages';
import type { AttentionKind } from './attention';
import type { Denoiser } from './denoiser';
import { deviceUnavailable, devicesToTry, hasGpu } from './device';
import { buildGraph } from './graph';
import { buildLengthGraph } from './lengthGraph';
import { badCheckpoint } from './modelErrors';
import type { ModelFolder } from './modelFolder';
import { OipDenoiser } from './oipDenoiser';
import { OnnxDenoiser } from './onnxDenoiser';
import { disagreement, hasFiniteLogits, runTrial } from './selfCheck';
import type { Trial } from './selfCheck';
import { Session, supportedBackends } from './session';
import { defaultThreads } from './threads';

export interface DeviceOptions {
  readonly device: DeviceWish;
  /** Of the model server, with device `oip`. */
  readonly deviceUrl?: string;
  readonly threads?: number;
  readonly attention?: AttentionKind;
  readonly onWarming?: () => void;
}

export interface Running {
  readonly denoiser: Denoiser;
  readonly device: Device;
  readonly attention: AttentionKind;
  /** Why devices tried before this one were left, for the log. */
  readonly notes: readonly string[];
}

/**
 * How far a GPU may be from the CPU, relative to the largest logit, both in 32-bit floats: rounding
 * gives 1e-6 to 1e-3. A fused kernel that forgets keys was off by no more than 0.025.
 */
const tolerance = 0.005;

/** Under `auto` smaller models stay on the CPU: a step takes it a few ms, a GPU's start a second. */
const worthGpuParameters = 50e6;

export async function openDevice(model: ModelFolder, options: DeviceOptions): Promise<Running> {
  const backends = supportedBackends();
  const { manifest } = model;
  const wish = options.device;
  if (wish === 'oip') return openServed(model, options);
  const notes: string[] = [];
  const machine = { platform: process.platform, backends, hasGpu: hasGpu() };
  for (const device of devicesToTry(wish, machine)) {
    if (device === 'cpu') return await openCpu(model, options, notes);
    if (wish === 'auto' && manifest.parameters < worthGpuParameters) {
      notes.push(`${device}: not tried, the model is small enough for the CPU`);
      continue;
    }
    const running = await tryGpu(model, device, options, notes);
    if (running) return running;
  }
  throw deviceUnavailable(wish as Device, notes.join('; '), backends);
}

/** The numbers are taken at their word, as a CPU's are, once they are finite. */
async function openServed(
  model: ModelFolder,
  { deviceUrl = '', onWarming }: DeviceOptions,
): Promise<Running> {
  const denoiser = await OipDenoiser.connect(deviceUrl, model.manifest);
  onWarming?.();
  await finiteTrial(model, denoiser);
  return { denoiser, device: 'oip', attention: 'plain', notes: [] };
}

async function openCpu(
  model: ModelFolder,
  { attention = 'fused', threads = defaultThreads(), onWarming }: DeviceOptions,
  notes: readonly string[],
): Promise<Running> {
  const denoiser = await openTrusted(model, 'cpu', attention, threads);
  onWarming?.();
  await finiteTrial(model, denoiser);
  return { denoiser, device: 'cpu', attention, notes };
}

/** Fused attention, else plain, else a note on why the device was left. */
async function tryGpu(
  model: ModelFolder,
  device: Device,
  options: DeviceOptions,
  notes: string[],
): Promise<Running | undefined> {
  const { threads = defaultThreads(), onWarming } = options;
  let reference: Trial | undefined;
  for (const attention of options.attention ? [options.attention] : (['fused', 'plain'] as const)) {
    let denoiser: Denoiser | undefined;
    try {
      denoiser = await openDenoiser(model, device, attention, threads);
      onWarming?.();
      const trial = await runTrial(denoiser); // 16-bit shaders fail only here
      reference ??= await referenceTrial(model, threads);
      const distance = disagreement(trial, reference);
      if (distance <= tolerance) {
        const slow = options.device === 'auto' && (await slowerThanCpu(model, trial, threads));
        if (!slow) return { denoiser, device, attention, notes };
        notes.push(`${device}: ${slow}`);
        await denoiser.dispose();
        return undefined;
      }
      notes.push(`${device}: ${attention} attention is off by ${distance.toPrecision(2)}`);
      await denoiser.dispose();
    } catch (error) {
      await denoiser?.dispose();
      if (error instanceof LacunaError) throw error; // the model's fault, not the device's
      notes.push(`${device}: ${error instanceof Error ? error.message : String(error)}`);
      if (!denoiser) return undefined; // no such device: plain attention would not bring it
    }
  }
  return undefined;
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

/** Warms up, and finds damaged weights. Disposes of the denoiser when it throws. */
async function finiteTrial(model: ModelFolder, denoiser: Denoiser): Promise<Trial> {
  try {
    const trial = await runTrial(denoiser, 1);
    if (hasFiniteLogits(trial)) return trial;
    const found = 'the model computes no finite numbers: its weights are damaged';
    throw badCheckpoint(model.dir, found);
  } catch (error) {
    await denoiser.dispose();
    throw error;
  }
}

/** A CPU can run every sound model, so what goes wrong here is the model's fault. */
async function openTrusted(model: ModelFolder, ...how: OpenArguments): Promise<Denoiser> {
  try {
    return await openDenoiser(model, ...how);
  } catch (error) {
    if (error instanceof LacunaError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const found = `ONNX Runtime refuses the model (${reason})`;
    throw badCheckpoint(model.dir, found, 'Convert the checkpoint again', { cause: error });
  }
}

type OpenArguments = [Device, AttentionKind, number, ('cpu' | 'gpu')?];

/** One denoiser on one device, unchecked. Also the way of tests and benches to a chosen variant. */
export async function openDenoiser(
  { manifest, weightFile, weights }: ModelFolder,
  ...[device, attention, threads, target = device === 'cpu' ? 'cpu' : 'gpu']: OpenArguments
): Promise<Denoiser> {
  const graph = buildGraph(manifest, weightFile, weights, { attention, target });
  const session = await Session.create(graph, weightFile, { device, threads });
  if (manifest.lengthClasses === undefined) return new OnnxDenoiser(session, manifest.dimensions);
  // The small head stays on the CPU: a prompt's hidden states are all it needs of a GPU.
  const openLengthHead = () =>
    Session.create(buildLengthGraph(manifest, weightFile, weights), weightFile, {
      device: 'cpu',
      threads,
    });
  return new OnnxDenoiser(session, manifest.dimensions, openLengthHead);
}
