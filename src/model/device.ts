/**
 * Which devices to try for a wish, in order: a pure decision over what the machine and
 * onnxruntime-node offer. Whether one of them really works is found out by trying (selfCheck.ts).
 */
import { LacunaError } from '../protocol/errors';
import type { Device, DeviceWish } from '../protocol/messages';
import type { Backend } from './session';

/** GPU providers that `auto` tries, most portable first. CUDA is never bundled: only on a wish. */
const automatic: Readonly<Partial<Record<NodeJS.Platform, readonly Device[]>>> = {
  linux: ['webgpu'],
  win32: ['webgpu', 'dml'],
  darwin: ['webgpu', 'coreml'],
};

/** @throws LacunaError `deviceUnavailable` when the wish is nothing this build can even try. */
export function devicesToTry(
  wish: DeviceWish,
  platform: NodeJS.Platform,
  backends: readonly Backend[],
): Device[] {
  if (wish === 'cpu') return ['cpu'];
  if (wish === 'auto') {
    const bundled = new Set(backends.filter((b) => b.bundled).map((b) => b.name));
    return [...(automatic[platform] ?? []).filter((device) => bundled.has(device)), 'cpu'];
  }
  if (backends.some((backend) => backend.name === wish)) return [wish];
  throw deviceUnavailable(wish, 'this build has no such device', backends);
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
