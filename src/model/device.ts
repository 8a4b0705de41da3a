/**
 * Which devices to try for a wish, in order: a pure decision over what the machine and
 * onnxruntime-node offer. Whether one of them really works is found out by trying (openDevice.ts).
 */
import { readdirSync } from 'node:fs';
import { LacunaError } from '../protocol/errors';
import type { Device, DeviceWish } from '../protocol/messages';
import type { Backend } from './session';

/** GPU providers that `auto` tries, most portable first. CUDA is never bundled: only on a wish. */
const automatic: Readonly<Partial<Record<NodeJS.Platform, readonly Device[]>>> = {
  linux: ['webgpu'],
  win32: ['webgpu', 'dml'],
  darwin: ['webgpu', 'coreml'],
};

/** What the decision depends on, besides the wish. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly backends: readonly Backend[];
  /** Some GPU is there; else a software one would answer, and take half a minute to warm up. */
  readonly hasGpu: boolean;
}

/** @throws LacunaError `deviceUnavailable` when the wish is nothing this build can even try. */
export function devicesToTry(wish: DeviceWish, machine: Machine): Device[] {
  const { platform, backends, hasGpu } = machine;
  if (wish === 'cpu') return ['cpu'];
  if (wish === 'auto') {
    const bundled = new Set(backends.filter((b) => b.bundled).map((b) => b.name));
    const gpus = hasGpu ? (automatic[platform] ?? []) : [];
    return [...gpus.filter((device) => bundled.has(device)), 'cpu'];
  }
  if (backends.some((backend) => backend.name === wish)) return [wish];
  throw deviceUnavailable(wish, 'this build has no such device', backends);
}

/** Linux lists GPUs among its devices (dxg: Windows' GPU inside WSL); elsewhere there always is one. */
export function hasGpu(platform: NodeJS.Platform = process.platform): boolean {
  if (platform !== 'linux') return true;
  const inFolder = (folder: string, name: RegExp) => {
    try {
      return readdirSync(folder).some((entry) => name.test(entry));
    } catch {
      return false;
    }
  };
  return inFolder('/dev/dri', /^renderD/) || inFolder('/dev', /^(nvidia\d+|dxg)$/);
}

export function deviceUnavailable(
  wish: Device,
  found: string,
  backends: readonly Backend[],
  options?: ErrorOptions,
): LacunaError {
  const others = backends.map((backend) => backend.name).filter((name) => name !== wish);
  const advice = `Choose another device (${['auto', ...others].join(', ')})`;
  const doing = `Cannot run the model on "${wish}"`;
  return new LacunaError('deviceUnavailable', { doing, found, advice }, options);
}
