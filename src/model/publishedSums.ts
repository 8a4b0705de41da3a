/**
 * Compares a checkpoint with the checksums that it came with, where it came with some: a list SHA256SUMS
 * beside it, as sha256sum writes it, or the names of the Hugging Face cache, which keeps each large file
 * under its own SHA-256. Without either a damaged number cannot be told from a trained one.
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { recordOf } from './fileRecords';
import { badCheckpoint } from './modelErrors';

const listFile = 'SHA256SUMS';
const mostListBytes = 2 ** 20;

/** @throws LacunaError `badCheckpoint` naming the file that is another one than the list says. */
export async function checkPublishedSums(dir: string, signal?: AbortSignal): Promise<void> {
  const sums = new Map([...(await sumsOfCache(dir)), ...(await sumsOfList(dir))]);
  for (const [name, expected] of sums) {
    const file = path.join(dir, name);
    if (!(await stat(file).catch(() => undefined))) continue; // what is needed is missed elsewhere
    const { sha256 } = await recordOf(file, signal);
    if (sha256 !== expected)
      throw badCheckpoint(dir, `the checksum of its file "${name}" is wrong`);
  }
}

async function sumsOfList(dir: string): Promise<[string, string][]> {
  const file = path.join(dir, listFile);
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size === 0) return [];
  if (size > mostListBytes) throw badCheckpoint(file, `it has ${size} bytes, too many for a list`);
  const sums: [string, string][] = [];
  for (const line of (await readFile(file, 'utf8')).split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [, sum, name] = /^([0-9a-fA-F]{64})[ \t]+\*?(?:\.\/)?(.+)$/.exec(line) ?? [];
    // What lies elsewhere is nothing that is read here.
    if (sum === undefined || name === undefined || path.basename(name) !== name) {
      throw badCheckpoint(
        file,
        `its line "${line.slice(0, 100)}" is no checksum of a file beside it`,
      );
    }
    sums.push([name, sum.toLowerCase()]);
  }
  return sums;
}

/** Large files of the cache are links to `blobs/<sha256>`; small ones have git's shorter names. */
async function sumsOfCache(dir: string): Promise<[string, string][]> {
  const sums: [string, string][] = [];
  const isSnapshot = path.basename(path.dirname(await realpath(dir))) === 'snapshots';
  for (const entry of isSnapshot ? await readdir(dir, { withFileTypes: true }) : []) {
    if (!entry.isSymbolicLink()) continue;
    const blob = await realpath(path.join(dir, entry.name)).catch(() => '');
    const name = path.basename(blob);
    if (path.basename(path.dirname(blob)) === 'blobs' && /^[0-9a-f]{64}$/.test(name)) {
      sums.push([entry.name, name]);
    }
  }
  return sums;
}
