/**
 * Limits on numbers that a config.json may ask for, so that a damaged or hostile one is an error and
 * not an endless list. Far above every published model. Knows no architecture.
 */
import { badCheckpoint } from './modelErrors';

const mostLayers = 1000;

export function checkLayers(path: string, layers: number): void {
  if (layers > mostLayers) throw badCheckpoint(path, `it asks for ${layers} layers`);
}
