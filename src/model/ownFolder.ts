/**
 * Whether a folder may be replaced or deleted: only where everything in it is what a conversion wrote there, so
 * that nothing of the user's goes with it. Deletes by name and never below. Knows no formats.
 */
import { readdir, readFile, realpath, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { firstChange } from './fileRecords';
import { isJsonObject } from './jsonFile';
import { checksumOf } from './manifest';
import type { FileRecord, Manifest } from './manifest';

const manifestName = 'lacuna.json';
/** Beside a model that was added (src/hub/record.ts). */
const sourceName = 'lacuna-source.json';

/**
 * Why the model folder `dir` is not ours to replace, in words; undefined where it is: its manifest is whole, and
 * all that lies there is as the manifest says, byte for byte.
 */
export async function notOurs(dir: string, signal?: AbortSignal): Promise<string | undefined> {
  const names = await readdir(dir);
  if (names.length === 0) return undefined;
  if (!names.includes(manifestName)) return `it has no ${manifestName}`;
  const manifest = await readManifest(path.join(dir, manifestName));
  if (!manifest) return `its ${manifestName} is not one that a conversion wrote`;
  const stray = strayName(names, Object.keys(manifest.files));
  if (stray !== undefined) return `it also holds "${stray}"`;
  return firstChange(dir, manifest.files, signal);
}

/** The first name that no conversion writes. */
export function strayName(
  names: readonly string[],
  written: readonly string[],
): string | undefined {
  const known = new Set([...written, manifestName, sourceName]);
  return names.find((name) => !known.has(name));
}

/** Whether `inner` is `outer` or lies below it, links resolved. */
export async function isWithin(inner: string, outer: string): Promise<boolean> {
  const [within, around] = await Promise.all([inner, outer].map((each) => real(each)));
  const way = path.relative(around!, within!);
  return way === '' || (!way.startsWith('..') && !path.isAbsolute(way));
}

/** Deletes a folder of plain files; one that somebody has put something into since keeps that. */
export async function removeOwn(dir: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(path.join(dir, name), { force: true });
  await rmdir(dir);
}

async function readManifest(file: string): Promise<Manifest | undefined> {
  try {
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    if (!isJsonObject(manifest) || !isJsonObject(manifest.files)) return undefined;
    const isWhole = manifest.checksum === undefined || manifest.checksum === checksumOf(manifest);
    const files = Object.entries(manifest.files) as [string, FileRecord][];
    const isPlain = ([name, record]: [string, FileRecord]) =>
      path.basename(name) === name && isJsonObject(record) && typeof record.sha256 === 'string';
    return isWhole && files.length > 0 && files.every(isPlain) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

async function real(place: string): Promise<string> {
  return realpath(place).catch(() => path.resolve(place));
}
