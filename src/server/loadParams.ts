/**
 * The guard for load requests, and the names of devices for both the guard and the CLI's help.
 * Whether a device is there is found out by trying it (src/model), not here.
 */
import { LacunaError } from '../protocol/errors';
import type { DeviceWish, LoadParams, WeightFormat } from '../protocol/messages';

const devices: Readonly<Record<DeviceWish, true>> = {
  auto: true,
  cpu: true,
  cuda: true,
  webgpu: true,
  dml: true,
  coreml: true,
  oip: true,
};
export const deviceNames = Object.keys(devices) as DeviceWish[];

const weights: Readonly<Record<WeightFormat, true>> = { f32: true, f16: true, q8: true, q4: true };
export const weightFormats = Object.keys(weights) as WeightFormat[];

/** @throws LacunaError `badUsage` that names the value. */
export function checkLoadParams(params: unknown): LoadParams {
  const { modelDir, device, deviceUrl } = (params ?? {}) as { readonly [name: string]: unknown };
  if (typeof modelDir !== 'string' || modelDir === '') {
    throw cannotLoad(`modelDir is ${JSON.stringify(modelDir) ?? 'missing'}`, 'Name a model folder');
  }
  if (typeof device !== 'string' || !Object.hasOwn(devices, device)) {
    const found = `device is ${JSON.stringify(device) ?? 'missing'}`;
    throw cannotLoad(found, `Use one of ${deviceNames.join(', ')}`);
  }
  if (device !== 'oip') return params as LoadParams;
  if (typeof deviceUrl !== 'string' || !/^https?:\/\/[^\s/]+/.test(deviceUrl)) {
    const found = `the address of the model server is ${JSON.stringify(deviceUrl) ?? 'missing'}`;
    throw cannotLoad(found, 'Give it as http://localhost:8000 (--url)');
  }
  return params as LoadParams;
}

function cannotLoad(found: string, advice: string): LacunaError {
  return new LacunaError('badUsage', { doing: 'Cannot load a model', found, advice });
}
