/**
 * A short name for what a conversion reads: it changes with every file of a checkpoint folder, by size
 * and time, and with what the caller states instead. Reads no file.
 */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CheckpointOptions } from './checkpoint';
import { manifestVersion } from './manifest';

const read = /\.(safetensors|bin|json|jinja|txt|model|tgz|gz|part[-_]?\d+)$/;

/** @param dir real path. @returns 12 hexadecimal digits. */
export async function fingerprint(dir: string, options: CheckpointOptions): Promise<string> {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([
      ...[manifestVersion, dir, options.maskId, options.shift, options.expandId],
      options.chat ?? 'auto',
    ]),
  );
  for (const file of await filesOf(dir)) hash.update(JSON.stringify(file));
  if (options.base !== undefined) {
    for (const file of await filesOf(options.base)) hash.update(JSON.stringify(file));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Name, size and time of what a conversion may read of a folder. */
async function filesOf(dir: string): Promise<[string, number, number][]> {
  const names = (await readdir(dir)).toSorted();
  // Seed 2 keeps its weights in folders of their own, or in the parts of an archive.
  const inner = names.filter((name) => /^checkpoint-\d+$/.test(name));
  for (const folder of inner) {
    const below = await readdir(path.join(dir, folder)).catch(() => []);
    names.push(...below.toSorted().map((name) => path.join(folder, name)));
  }
  const files: [string, number, number][] = [];
  for (const name of names) {
    if (!read.test(name)) continue;
    const { size, mtimeMs } = await stat(path.join(dir, name));
    files.push([name, size, mtimeMs]);
  }
  return files;
}
