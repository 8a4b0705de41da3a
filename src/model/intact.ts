/**
 * Whether a model folder still holds what its conversion wrote: a flipped bit makes another model, which
 * fills as calmly as the right one. A file is hashed once for each state that the file system tells of
 * it and remembered as right, since to hash 7 GB takes longer than to open them. Knows no formats.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { firstChange } from './fileRecords';
import type { FileRecord, Manifest } from './manifest';
import { badCheckpoint } from './modelErrors';
import { tokenizerFiles } from './tokenizerFiles';

/** Below the folder of converted checkpoints. */
const memoryFolder = '.intact';

export interface IntactOptions {
  /** Where it is kept what was found right. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal | undefined;
}

/** @throws LacunaError `badCheckpoint` naming the file that is not what it was. */
export async function checkIntact(
  { dir, manifest }: { readonly dir: string; readonly manifest: Manifest },
  { cacheDir, signal }: IntactOptions,
): Promise<void> {
  const records = recordsOfLoad(dir, manifest);
  const name = createHash('sha256').update(path.resolve(dir)).digest('hex').slice(0, 24);
  const memory = path.join(cacheDir, memoryFolder, name);
  const before = await stateOf(dir, records);
  if (before !== undefined && before === (await readFile(memory, 'utf8').catch(() => ''))) return;
  const change = await firstChange(dir, records, signal);
  if (change !== undefined) throw badCheckpoint(dir, change);
  // Written to while it was read: right as it was read, and read again at the next load.
  if (before === undefined || before !== (await stateOf(dir, records))) return;
  await mkdir(path.dirname(memory), { recursive: true })
    .then(() => writeFile(memory, before))
    .catch(() => undefined); // a full or read-only disk costs the next load its hashing, no more
}

/** Of what decides a fill; papers may be edited. */
function recordsOfLoad(dir: string, { files, weightFile }: Manifest): Record<string, FileRecord> {
  if (files[weightFile] === undefined) {
    throw badCheckpoint(dir, `its manifest has no checksum of "${weightFile}"`);
  }
  const names = [...tokenizerFiles, weightFile].filter((name) => files[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, files[name]!]));
}

/**
 * Changes with each write: sizes, inodes, and times of contents and of anything else, which no program
 * sets back. Compared for being equal only, so that clocks may jump. Absent where a file is.
 */
async function stateOf(
  dir: string,
  records: Readonly<Record<string, FileRecord>>,
): Promise<string | undefined> {
  const lines: string[] = [];
  for (const [name, { sha256 }] of Object.entries(records)) {
    const found = await stat(path.join(dir, name), { bigint: true }).catch(() => undefined);
    if (found === undefined) return undefined;
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    lines.push([name, sha256, dev, ino, size, mtimeNs, ctimeNs].join(' '));
  }
  return lines.join('\n');
}
