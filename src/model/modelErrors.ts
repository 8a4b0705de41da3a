/**
 * The wordings that several files of this floor share: a damaged checkpoint or model folder, and a
 * sound one of a kind that cannot infill. Knows only the path to name and what was found there.
 */
import { LacunaError } from '../protocol/errors';

export function badCheckpoint(
  path: string,
  found: string,
  advice = 'Download or copy the checkpoint again, all of its files',
  options?: ErrorOptions,
): LacunaError {
  const doing = `Cannot load "${path}"`;
  return new LacunaError('badCheckpoint', { doing, found, advice }, options);
}

export function unsupportedModel(path: string, found: string, advice: string): LacunaError {
  return new LacunaError('unsupportedModel', { doing: `Cannot use "${path}"`, found, advice });
}
