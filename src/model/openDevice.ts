/**
 * Opens a model on the first device that works. A CPU is taken at its word once the numbers are
 * finite; a GPU must compute what the CPU computes, and under `auto` be faster as well. Knows no
 * folders but the one it is given, and no execution provider by more than its name.
 */
import type { Device, DeviceWish, WeightFormat } from '../protocol/messages';
import type { AttentionKind } from './attention';
import type { Denoiser } from './denoiser';
import { deviceUnavailable, devicesToTry, hasGpu } from './device';
import type { ModelFolder } from './modelFolder';
import { OipDenoiser } from './oipDenoiser';
import { finiteTrial, openDenoiser, openTrusted } from './openDenoiser';
import { supportedBackends } from './session';
import { defaultThreads } from './threads';
import { chooseThreads } from './threadTrial';
import { tryInProcess } from './trialProcess';

export interface DeviceOptions {
  readonly device: DeviceWish;
  /** Of the model server, with device `oip`. */
  readonly deviceUrl?: string;
  readonly threads?: number;
  /** Where measured numbers of threads are kept; absent: none is measured. */
  readonly threadFolder?: string;
  readonly attention?: AttentionKind;
  /** The folder that a CPU runs in place of the model's own (expand.ts); absent: that one. */
  readonly forCpu?: () => Promise<ModelFolder>;
  readonly onWarming?: () => void;
  readonly signal?: AbortSignal;
}

export interface Running {
  readonly denoiser: Denoiser;
  /** As they run, which on a CPU may be another format than the folder's. */
  readonly weights: WeightFormat;
  readonly device: Device;
  readonly attention: AttentionKind;
  /** On the CPU. */
  readonly threads?: number;
  /** Why devices tried before this one were left, for the log. */
  readonly notes: readonly string[];
}

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
    const running = await openGpu(model, device, options, notes);
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
  const { weights } = model.manifest;
  return { denoiser, weights, device: 'oip', attention: 'plain', notes: [] };
}

async function openCpu(
  published: ModelFolder,
  options: DeviceOptions,
  notes: string[],
): Promise<Running> {
  const { attention = 'fused', onWarming, signal } = options;
  const model = await (options.forCpu?.() ?? published);
  signal?.throwIfAborted();
  const threads = await threadsFor(model, attention, options);
  const denoiser = await openTrusted(model, 'cpu', attention, threads);
  onWarming?.();
  await finiteTrial(model, denoiser);
  const { weights } = model.manifest;
  return { denoiser, weights, device: 'cpu', attention, threads, notes };
}

async function threadsFor(
  model: ModelFolder,
  attention: AttentionKind,
  { threads, threadFolder }: DeviceOptions,
): Promise<number> {
  if (threads !== undefined) return threads;
  if (threadFolder === undefined) return defaultThreads();
  const open = (count: number) => openTrusted(model, 'cpu', attention, count);
  return (await chooseThreads(model.manifest, threadFolder, open)).threads;
}

/** Tried elsewhere first; what that found right is opened here. */
async function openGpu(
  model: ModelFolder,
  device: Device,
  options: DeviceOptions,
  notes: string[],
): Promise<Running | undefined> {
  const { threads = defaultThreads(), attention: only, onWarming, signal } = options;
  onWarming?.();
  const request = { device, wish: options.device, threads, ...(only && { attention: only }) };
  const report = await tryInProcess(model, request, signal ? { signal } : {});
  notes.push(...report.notes);
  const { attention } = report;
  if (!attention) return undefined;
  try {
    const denoiser = await openDenoiser(model, device, attention, threads);
    await finiteTrial(model, denoiser); // warms up
    return { denoiser, weights: model.manifest.weights, device, attention, notes };
  } catch (error) {
    notes.push(`${device}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
