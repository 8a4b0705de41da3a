/**
 * Holds a training that runs on this machine while this process lives, so that neither bends the other's
 * figures (training/pauses.py). Does nothing where none was ever started.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export function pauseTraining() {
  const { LACUNA_TRAINING, XDG_CACHE_HOME } = process.env;
  const cache = XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
  const work = LACUNA_TRAINING || path.join(cache, 'lacuna', 'training');
  if (!existsSync(path.join(work, 'run'))) return;
  const folder = path.join(work, 'paused-by');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, String(process.pid));
  writeFileSync(file, '');
  process.on('exit', () => rmSync(file, { force: true }));
}
