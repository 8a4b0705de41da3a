/**
 * Size and SHA-256 of the files of a model folder: taken when the folder is made, compared when
 * somebody asks whether it is still what it was. Knows no formats.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileRecord } from './manifest';

export async function recordOf(file: string, signal?: AbortSignal): Promise<FileRecord> {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = createReadStream(file, { highWaterMark: 2 ** 20, ...(signal && { signal }) });
  for await (const piece of stream as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Of every file in `dir`, by name. */
export async function recordsOf(
  dir: string,
  signal?: AbortSignal,
): Promise<Record<string, FileRecord>> {
  const records: Record<string, FileRecord> = {};
  for (const name of (await readdir(dir)).toSorted()) {
    records[name] = await recordOf(path.join(dir, name), signal);
  }
  return records;
}

/** What differs from `records`, in words; undefined where nothing does. */
export async function firstChange(
  dir: string,
  records: Readonly<Record<string, FileRecord>>,
  signal?: AbortSignal,
): Promise<string | undefined> {
  for (const [name, { bytes, sha256 }] of Object.entries(records)) {
    const file = path.join(dir, path.basename(name));
    const size = await stat(file).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined) return `its file "${name}" is missing`;
    if (size !== bytes) return `its file "${name}" has ${size} bytes, not ${bytes}`;
    const now = await recordOf(file, signal);
    if (now.sha256 !== sha256) return `its file "${name}" has other contents than when it was made`;
  }
  return undefined;
}
