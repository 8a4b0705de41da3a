/**
 * Makes a model folder of a checkpoint folder: weights.safetensors in the graph's own layout,
 * lacuna.json, and the tokenizer. Streams tensor by tensor into a sibling folder that takes the final
 * name at the end, after a trial of the model, so a stop at any time leaves no half model behind. A
 * conversion that was killed is continued by the next one of the same checkpoint to the same folder.
 */
import { constants } from 'node:fs';
import { copyFile, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDiskFull } from '../protocol/diskFull';
import { LacunaError } from '../protocol/errors';
import { archiveIn, unpackArchive } from './archive';
import { openCheckpoint } from './checkpoint';
import type { Checkpoint, CheckpointOptions } from './checkpoint';
import { realFileOf } from './containedFile';
import { encodeWeights } from './encodeWeights';
import type { EncodeOptions } from './encodeWeights';
import { recordsOf } from './fileRecords';
import { fingerprint } from './fingerprint';
import { isJsonObject } from './jsonFile';
import { checksumOf, manifestVersion } from './manifest';
import { badCheckpoint } from './modelErrors';
import { isWithin, notOurs, removeOwn, strayName } from './ownFolder';
import type { Manifest } from './manifest';
import { claimPartial, releasePartial } from './partialFolder';
import { checkPublishedSums } from './publishedSums';
import { checkVocabulary, readPublishedTokenizer, tokenizerFiles } from './tokenizerFiles';
import { writeTokenizer } from './tokenizerFiles';
import type { TokenizerFiles } from './tokenizerFiles';
import { tryOut } from './tryOut';
import { encoding } from './weights';

export const manifestFile = 'lacuna.json';
const weightFile = 'weights.safetensors';

/** What must go with a model wherever it goes. */
const papers = ['MODEL_CARD.md', 'LICENSE', 'NOTICE'];

export interface ConvertOptions extends CheckpointOptions, EncodeOptions {
  readonly outDir: string;
  /** What the weights become before a CPU runs them (expand.ts). */
  readonly cpuWeights?: 'q8';
  /**
   * What to do when `outDir` is a model folder already. It is replaced only where all in it is as its manifest
   * says; `repair`, for caches, takes the names for enough, since what is damaged there is made again. Any other
   * folder is never touched.
   */
  readonly ifThere?: 'replace' | 'repair' | 'keep';
  /** Ids of a known text, for the self-test; throws for a tokenizer it cannot read. */
  readonly snippet?: (files: TokenizerFiles) => Int32Array;
}

/** @throws LacunaError `badCheckpoint`, `unsupportedModel`, or `badUsage` for a wrong `outDir`. */
export async function convertCheckpoint(
  published: string,
  options: ConvertOptions,
): Promise<Manifest> {
  const outDir = path.resolve(options.outDir);
  const ifThere = options.ifThere ?? 'replace';
  if (await isWithin(published, outDir)) throw aroundSource(published, outDir);
  await checkTarget(outDir, ifThere);
  const task = await taskOf(published, options);
  const temporary = await claimPartial(outDir, task).catch((error: unknown) => {
    throw isDiskFull(error) ? diskFull(published, outDir) : error;
  });
  const unpacked = `${temporary}-unpacked`;
  let checkpoint: Checkpoint | undefined;
  try {
    await keepWeightsOnly(temporary);
    await checkPublishedSums(published, options.signal);
    const archive = await archiveIn(published);
    const checkpointDir = archive ? await unpackArchive(published, unpacked, options) : published;
    checkpoint = await openCheckpoint(checkpointDir, options);
    const { folder } = checkpoint;
    const named = archive === undefined ? {} : { name: archive, source: archive };
    const facts = { ...checkpoint.facts, ...named };
    const tokenizer = await readPublishedTokenizer(
      archive ? [...folder.dirs, published] : folder.dirs,
      facts.architecture,
    );
    if (tokenizer) checkVocabulary(published, tokenizer.tokenizer, facts.dimensions.vocabSize);
    const snippet = tokenizer && options.snippet?.(tokenizer);
    await encodeWeights(checkpoint, path.join(temporary, weightFile), options);
    await copyCompanions([...folder.dirs, published], temporary);
    if (tokenizer) await writeTokenizer(temporary, tokenizer);
    const { weights, cpuWeights } = options;
    const hasTokenizer = tokenizer !== undefined;
    const files = await recordsOf(temporary, options.signal);
    const formats = { weights, ...(cpuWeights && { cpuWeights }) };
    const plain = { manifestVersion, ...facts, ...formats, weightFile, hasTokenizer, files };
    const tried = { ...plain, selfTest: await tryOut(temporary, plain, published, snippet) };
    const manifest = { ...tried, checksum: checksumOf(tried) };
    await writeFile(path.join(temporary, manifestFile), JSON.stringify(manifest, null, 2) + '\n');
    options.signal?.throwIfAborted();
    await publish(temporary, outDir, ifThere);
    return manifest;
  } catch (error) {
    throw isDiskFull(error) ? diskFull(published, outDir) : error;
  } finally {
    await checkpoint?.tensors.close();
    await rm(temporary, { recursive: true, force: true });
    await rm(unpacked, { recursive: true, force: true });
    releasePartial(temporary);
  }
}

/** Names what is converted and to what, so that only the same thing is continued. */
async function taskOf(published: string, options: ConvertOptions): Promise<string> {
  const source = await realpath(published).catch(() => undefined);
  if (source === undefined) {
    const advice = 'Give the folder that the checkpoint was downloaded to';
    throw badCheckpoint(published, 'there is no such folder', advice);
  }
  return `${options.weights}e${encoding}x${await fingerprint(source, options)}`;
}

/** All else is quickly made again, and may have been cut off. */
async function keepWeightsOnly(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!name.startsWith(weightFile)) await rm(path.join(dir, name), { recursive: true });
  }
}

/** Nothing is overwritten but what an earlier conversion made. @returns the names of what lies there. */
async function checkTarget(
  outDir: string,
  ifThere: NonNullable<ConvertOptions['ifThere']>,
): Promise<readonly string[]> {
  const names: string[] = await readdir(outDir).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    if (errorCode(error) === 'ENOTDIR') throw cannotWriteTo(outDir, 'that is a file');
    throw error;
  });
  if (names.length === 0) return names;
  const stray = strayName(names, [weightFile, ...tokenizerFiles, ...papers]);
  const found =
    ifThere === 'replace'
      ? await notOurs(outDir)
      : !names.includes(manifestFile)
        ? `it has no ${manifestFile}`
        : stray && `it also holds "${stray}"`;
  if (found === undefined) return names;
  throw cannotWriteTo(outDir, `that folder is not one that a conversion made: ${found}`);
}

function cannotWriteTo(outDir: string, found: string): LacunaError {
  return new LacunaError('badUsage', {
    doing: `Cannot write a model folder to "${outDir}"`,
    found,
    advice: 'Give a new folder or an empty one',
  });
}

function aroundSource(published: string, outDir: string): LacunaError {
  return cannotWriteTo(outDir, `the checkpoint "${published}" lies in it`);
}

/** Gives the finished folder its name; another process may be doing the same at this moment. */
async function publish(
  temporary: string,
  outDir: string,
  ifThere: NonNullable<ConvertOptions['ifThere']>,
): Promise<void> {
  const attempts = 5;
  for (let attempt = 1; ; attempt++) {
    try {
      return await rename(temporary, outDir);
    } catch (error) {
      const isThere = ['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(errorCode(error) ?? '');
      if (!isThere || attempt === attempts) throw error;
    }
    if (ifThere === 'keep' && (await exists(path.join(outDir, manifestFile)))) return;
    const names = await checkTarget(outDir, ifThere);
    const old = `${temporary}-old`;
    try {
      await rename(outDir, old);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error; // someone else moved it away first
      continue;
    }
    await removeOwn(old, names);
  }
}

/** The first of `dirs` that has a file gives it; links out of their folder are refused. */
async function copyCompanions(dirs: readonly string[], to: string): Promise<void> {
  for (const file of [...tokenizerFiles.slice(1), ...papers]) {
    for (const dir of dirs) {
      if (!(await exists(path.join(dir, file)))) continue;
      await copyFile(await realFileOf(dir, file), path.join(to, file), constants.COPYFILE_FICLONE);
      break;
    }
  }
}

function diskFull(checkpointDir: string, outDir: string): LacunaError {
  const doing = `Cannot convert "${checkpointDir}"`;
  const found = `the disk of "${path.dirname(outDir)}" is full`;
  return new LacunaError('diskFull', { doing, found, advice: 'Free some space and try again' });
}

function errorCode(error: unknown): string | undefined {
  return isJsonObject(error) && typeof error.code === 'string' ? error.code : undefined;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
