/**
 * One denoiser on one device: the graph for it, the session, the length head where the model has one. What
 * goes wrong on a CPU is the model's fault and said so. Compares nothing and falls back to nothing.
 */
import { LacunaError } from '../protocol/errors';
import type { Device } from '../protocol/messages';
import type { AttentionKind } from './attention';
import type { Denoiser } from './denoiser';
import { DeviceCaches, pickGraph } from './deviceCache';
import { buildGraph } from './graph';
import { buildLengthGraph } from './lengthGraph';
import { badCheckpoint } from './modelErrors';
import type { ModelFolder } from './modelFolder';
import { keptNames, layerNames, noPositions, OnnxDenoiser } from './onnxDenoiser';
import { hasFiniteLogits, runTrial } from './selfCheck';
import type { Trial } from './selfCheck';
import { Session } from './session';

/** Warms up, and finds damaged weights. Disposes of the denoiser when it throws. */
export async function finiteTrial(model: ModelFolder, denoiser: Denoiser): Promise<Trial> {
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
export async function openTrusted(model: ModelFolder, ...how: OpenArguments): Promise<Denoiser> {
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
  const { dimensions, lengthClasses } = manifest;
  // The length head reads hidden states here, so that such a model's outputs cannot all be bound to the device.
  if (device === 'webgpu' && lengthClasses === undefined) {
    const open = (bytes: Uint8Array, onDevice: readonly string[]) =>
      Session.create(bytes, weightFile, { device, threads, onDevice });
    const session = await open(graph, keptNames(dimensions));
    const names = layerNames(dimensions);
    const picking = await open(
      pickGraph(dimensions, names),
      names.map((name) => `picked_${name}`),
    );
    const caches = new DeviceCaches(picking, noPositions(dimensions));
    return new OnnxDenoiser(session, dimensions, undefined, caches);
  }
  const session = await Session.create(graph, weightFile, { device, threads });
  if (lengthClasses === undefined) return new OnnxDenoiser(session, dimensions);
  // The small head stays on the CPU: a prompt's hidden states are all it needs of a GPU.
  const openLengthHead = () =>
    Session.create(buildLengthGraph(manifest, weightFile, weights), weightFile, {
      device: 'cpu',
      threads,
    });
  return new OnnxDenoiser(session, dimensions, openLengthHead);
}
