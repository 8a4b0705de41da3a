/**
 * Where a model grows before it is one: the checkpoint's files as they come, then the converted
 * folder. Left as it is when somebody stops, and taken up again by the next try, as far as the
 * files are still those that the hub promises. Knows neither network nor conversion.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { partialOf } from '../../hub/download';
import type { RemoteFile, Repository } from '../../hub/repository';
import type { Shelf } from '../../hub/shelf';

export interface Staging {
  readonly dir: string;
  /** Named like the model: the conversion takes its name from there. */
  readonly checkpointDir: string;
  readonly convertedDir: string;
}

const listingFile = 'listing.json';

export function stagingFor(shelf: Shelf, name: string): Staging {
  const dir = shelf.stagingOf(name);
  return {
    dir,
    checkpointDir: path.join(dir, 'checkpoint', name.split('/').at(-1)!),
    convertedDir: path.join(dir, 'converted'),
  };
}

/** Keeps what an earlier try left where the hub still promises the same, and forgets the rest. */
export async function takeUp(
  { dir, checkpointDir, convertedDir }: Staging,
  { files, revision }: Repository,
): Promise<void> {
  await mkdir(checkpointDir, { recursive: true });
  await rm(convertedDir, { recursive: true, force: true });
  const before = await readListing(path.join(dir, listingFile));
  const kept = new Set<string>();
  for (const file of files) {
    const isSame = before.some((old) => old.name === file.name && sumOf(old) === sumOf(file));
    if (isSame) kept.add(file.name).add(partialOf(file.name));
  }
  for (const name of await readdir(checkpointDir)) {
    if (!kept.has(name)) await rm(path.join(checkpointDir, name), { recursive: true });
  }
  await writeFile(path.join(dir, listingFile), JSON.stringify({ revision, files }, null, 2));
}

/** A conversion takes the papers over by these names. */
export async function adoptPapers(checkpointDir: string): Promise<void> {
  for (const name of await readdir(checkpointDir)) {
    const paper = /^README\.md$/i.test(name)
      ? 'MODEL_CARD.md'
      : /^LICEN[CS]E(\.(md|txt))?$/i.test(name)
        ? 'LICENSE'
        : /^NOTICE(\.(md|txt))?$/i.test(name)
          ? 'NOTICE'
          : name;
    if (paper === name) continue;
    await copyFile(path.join(checkpointDir, name), path.join(checkpointDir, paper));
  }
}

async function readListing(file: string): Promise<readonly RemoteFile[]> {
  try {
    const { files } = JSON.parse(await readFile(file, 'utf8')) as { files?: unknown };
    return Array.isArray(files) ? (files as RemoteFile[]) : [];
  } catch {
    return [];
  }
}

/** Without a checksum nothing says that a half file is of the same whole. */
function sumOf({ sha256, gitOid, bytes }: RemoteFile): string | symbol {
  const sum = sha256 ?? gitOid;
  return sum === undefined ? Symbol('unknown') : `${bytes} ${sum}`;
}
