/**
 * The guard for requests about getting models: what comes over the wire is looked at before it names
 * a folder or an address.
 */
import path from 'node:path';
import { LacunaError } from '../../protocol/errors';
import type { ModelSource } from '../../protocol/modelMessages';
import { Guard } from '../guard';
import { weightFormats } from '../loadParams';

/** @throws LacunaError `badUsage`. The folder in which models are kept. */
export function checkModelsDir(params: unknown, doing: string): string {
  const { modelsDir, name } = new Guard(doing).object(params, 'params', 'badUsage');
  if (typeof modelsDir !== 'string' || !path.isAbsolute(modelsDir)) {
    throw wrong(doing, `modelsDir is ${JSON.stringify(modelsDir) ?? 'missing'}`, 'a full path');
  }
  new Guard(doing).string(name, 'name');
  return modelsDir;
}

/** @throws LacunaError `badUsage` that names the value. */
export function checkSource(params: unknown, doing: string): ModelSource {
  checkModelsDir(params, doing);
  const guard = new Guard(doing);
  const fields = guard.object(params, 'params', 'badUsage');
  if (typeof fields.source !== 'string' || fields.source.trim() === '') {
    throw wrong(doing, 'no model is named', 'an id, an address or a folder');
  }
  guard.string(fields.revision, 'revision');
  guard.string(fields.acceptedLicence, 'acceptedLicence');
  guard.oneOf(fields.weights, 'weights', weightFormats);
  guard.integer(fields.window, 'window', 16, 1_000_000);
  guard.integer(fields.maskId, 'maskId', 0, 10_000_000);
  guard.boolean(fields.shift, 'shift');
  const network = guard.object(fields.network ?? {}, 'network', 'badUsage');
  for (const key of ['endpoint', 'proxy', 'token']) guard.string(network[key], `network.${key}`);
  guard.boolean(network.strictTls, 'network.strictTls');
  return params as ModelSource;
}

function wrong(doing: string, found: string, wanted: string): LacunaError {
  return new LacunaError('badUsage', { doing, found, advice: `Give ${wanted}` });
}
