/**
 * Which model folder is loaded: the one of the setting, or the embedded one. Knows nothing of what is
 * inside such a folder, nor how another is chosen.
 */
import { existsSync } from 'node:fs';
import type { LacunaContext } from './context';
import { readModelSettings } from './settings';

/** Made by the build from the second, which is what a fresh clone has. */
const embedded = ['dist/model', 'models/lacuna-default'];

export function modelFolder(context: LacunaContext): string {
  const { path } = readModelSettings();
  return path === '' ? embeddedFolder(context) : path;
}

/** The model that came with the extension. */
export function embeddedFolder({ extension }: LacunaContext): string {
  const folders = embedded.map((folder) => extension.asAbsolutePath(folder));
  return folders.find(existsSync) ?? folders[0]!;
}
