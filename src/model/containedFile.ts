/**
 * Where a file of a checkpoint really lies. The Hugging Face cache keeps its files in a folder `blobs`
 * two levels up and links to them; a link to anywhere else would have a downloaded folder read, and a
 * conversion copy, files of the user's that it has no business with. Knows no formats.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { badCheckpoint } from './modelErrors';

/**
 * Real path of `name` in `dir`.
 * @throws LacunaError `badCheckpoint` for a link that leads out, or to nothing.
 */
export async function realFileOf(dir: string, name: string): Promise<string> {
  const root = await realpath(dir);
  const file = await realpath(path.join(dir, name)).catch((error: unknown) => {
    throw badCheckpoint(dir, `its file "${name}" cannot be found`, undefined, { cause: error });
  });
  const isCache = path.basename(path.dirname(root)) === 'snapshots';
  // The cache's own store may lie on another disk, by a link of the user's.
  const blobs = path.resolve(root, '..', '..', 'blobs');
  const roots = [root, ...(isCache ? [blobs, await realpath(blobs).catch(() => blobs)] : [])];
  if (roots.some((allowed) => isInside(file, allowed))) return file;
  const found = `its file "${name}" is a link out of the folder, to "${file}"`;
  throw badCheckpoint(dir, found, 'Replace the link by the file itself if you trust it');
}

function isInside(file: string, folder: string): boolean {
  const way = path.relative(folder, file);
  return way !== '' && !way.startsWith('..') && !path.isAbsolute(way);
}
