/**
 * `lacuna-source.json`: where a model on the shelf came from, under which licence, and the sha256 of
 * each of its files, by which it can be checked at any time. Knows no hub and no weights.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { VerifiedFile } from '../protocol/modelMessages';

export const recordFile = 'lacuna-source.json';
/** What makes a folder a model folder; written last by the conversion. */
export const manifestFile = 'lacuna.json';
const recordVersion = 1;

export interface ModelRecord {
  readonly recordVersion: number;
  readonly name: string;
  /** An address or a folder. */
  readonly origin: string;
  /** Commit on the hub. */
  readonly revision?: string;
  readonly licence?: string;
  /** ISO 8601. */
  readonly addedAt: string;
  /** Of every file but this one. */
  readonly files: readonly RecordedFile[];
}
export interface RecordedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The record of a model folder; undefined where there is none, or none that can be read. */
export async function readRecord(dir: string): Promise<ModelRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(path.join(dir, recordFile), 'utf8')) as ModelRecord;
    const isOurs = record.recordVersion === recordVersion && typeof record.name === 'string';
    return isOurs && Array.isArray(record.files) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Takes the sums of all files of a finished model folder and writes them down. */
export async function writeRecord(
  dir: string,
  facts: Omit<ModelRecord, 'recordVersion' | 'files'>,
  signal?: AbortSignal,
): Promise<void> {
  const files: RecordedFile[] = [];
  for (const name of (await readdir(dir)).toSorted()) {
    if (name === recordFile) continue;
    const file = path.join(dir, name);
    const { size } = await stat(file);
    files.push({ name, bytes: size, sha256: await sha256Of(file, signal) });
  }
  const record: ModelRecord = { recordVersion, ...facts, files };
  await writeFile(path.join(dir, recordFile), `${JSON.stringify(record, null, 2)}\n`);
}

/** Compares a model folder with its record. */
export async function verifyFiles(
  dir: string,
  { files }: Pick<ModelRecord, 'files'>,
  signal?: AbortSignal,
): Promise<VerifiedFile[]> {
  const verified: VerifiedFile[] = [];
  for (const { name, bytes, sha256 } of files) {
    const file = path.join(dir, path.basename(name));
    const size = await stat(file).then(
      (facts) => facts.size,
      () => undefined,
    );
    const isSame = size === bytes && (await sha256Of(file, signal)) === sha256;
    verified.push({ name, state: size === undefined ? 'missing' : isSame ? 'same' : 'changed' });
  }
  return verified;
}

/**
 * Why a model folder is not ours to replace or delete, in words; undefined where everything in it is what we put
 * there, byte for byte: by its record, else by its manifest.
 * @param evenChanged takes the names for enough.
 */
export async function notOurs(dir: string, evenChanged = false): Promise<string | undefined> {
  const record = await readRecord(dir);
  const files = record?.files ?? (await filesOfManifest(dir));
  if (!files) return 'it has no record of what was put there';
  const known = new Set([...files.map(({ name }) => name), recordFile, manifestFile]);
  const stray = (await readdir(dir)).find((name) => !known.has(name));
  if (stray !== undefined) return `it also holds "${stray}"`;
  if (evenChanged) return undefined;
  const changed = (await verifyFiles(dir, { files })).find(({ state }) => state === 'changed');
  return changed && `its file "${changed.name}" has been changed since`;
}

async function filesOfManifest(dir: string): Promise<readonly RecordedFile[] | undefined> {
  try {
    const { files } = JSON.parse(await readFile(path.join(dir, manifestFile), 'utf8')) as {
      readonly files: Readonly<Record<string, Omit<RecordedFile, 'name'>>>;
    };
    const listed = Object.entries(files).map(([name, facts]) => ({ name, ...facts }));
    return listed.length > 0 ? listed : undefined;
  } catch {
    return undefined;
  }
}

async function sha256Of(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const pieces = createReadStream(file, { highWaterMark: 2 ** 20 });
  await pipeline(pieces, hash, signal ? { signal } : {});
  return hash.digest('hex');
}
