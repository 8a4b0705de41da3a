/**
 * Makes a model folder of a checkpoint folder: weights.safetensors in the graph's own layout,
 * lacuna.json, and the tokenizer. Streams tensor by tensor into a sibling folder that takes the final
 * name at the end, after a trial of the model, so a stop at any time leaves no half folder behind.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LacunaError } from '../protocol/errors';
import type { WeightFormat } from '../protocol/messages';
import { archiveIn, unpackArchive } from './archive';
import { openCheckpoint } from './checkpoint';
import type { Checkpoint, CheckpointOptions } from './checkpoint';
import { realFileOf } from './containedFile';
import { recordsOf } from './fileRecords';
import { isJsonObject } from './jsonFile';
import { manifestVersion } from './manifest';
import type { Manifest } from './manifest';
import { elements } from './safetensors';
import { SafetensorsWriter } from './safetensorsWriter';
import { checkVocabulary, readPublishedTokenizer, tokenizerFiles } from './tokenizerFiles';
import { writeTokenizer } from './tokenizerFiles';
import type { TokenizerFiles } from './tokenizerFiles';
import { tryOut } from './tryOut';
import { encodeWeight, storedTensors } from './weights';

export const manifestFile = 'lacuna.json';
const weightFile = 'weights.safetensors';

/** What must go with a model wherever it goes. */
const papers = ['MODEL_CARD.md', 'LICENSE', 'NOTICE'];

/** Halves of conversions that were killed are swept away after this long. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

export interface ConvertOptions extends CheckpointOptions {
  readonly outDir: string;
  readonly weights: WeightFormat;
  /** Share of the weights written, 0..1. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
  /** What to do when `outDir` is a model folder already; any other folder is never touched. */
  readonly ifThere?: 'replace' | 'keep';
  /** Ids of a known text, for the self-test; throws for a tokenizer it cannot read. */
  readonly snippet?: (files: TokenizerFiles) => Int32Array;
}

/** @throws LacunaError `badCheckpoint`, `unsupportedModel`, or `badUsage` for a wrong `outDir`. */
export async function convertCheckpoint(
  published: string,
  options: ConvertOptions,
): Promise<Manifest> {
  const outDir = path.resolve(options.outDir);
  await checkTarget(outDir);
  const parent = path.dirname(outDir);
  const marker = `.${path.basename(outDir)}.partial-`;
  const temporary = path.join(parent, marker + randomBytes(6).toString('hex'));
  const unpacked = `${temporary}-unpacked`;
  let checkpoint: Checkpoint | undefined;
  try {
    const archive = await archiveIn(published);
    const checkpointDir = archive ? await unpackArchive(published, unpacked, options) : published;
    checkpoint = await openCheckpoint(checkpointDir, options);
    await mkdir(temporary, { recursive: true });
    await sweep(parent, marker);
    const { folder } = checkpoint;
    const named = archive === undefined ? {} : { name: archive, source: archive };
    const facts = { ...checkpoint.facts, ...named };
    const tokenizer = await readPublishedTokenizer(
      archive ? [...folder.dirs, published] : folder.dirs,
      facts.architecture,
    );
    if (tokenizer) checkVocabulary(published, tokenizer.tokenizer, facts.dimensions.vocabSize);
    const snippet = tokenizer && options.snippet?.(tokenizer);
    await writeWeights(checkpoint, path.join(temporary, weightFile), options);
    await copyCompanions([...folder.dirs, published], temporary);
    if (tokenizer) await writeTokenizer(temporary, tokenizer);
    const { weights } = options;
    const hasTokenizer = tokenizer !== undefined;
    const files = await recordsOf(temporary, options.signal);
    const plain = { manifestVersion, ...facts, weights, weightFile, hasTokenizer, files };
    const manifest = { ...plain, selfTest: await tryOut(temporary, plain, published, snippet) };
    await writeFile(path.join(temporary, manifestFile), JSON.stringify(manifest, null, 2) + '\n');
    options.signal?.throwIfAborted();
    await publish(temporary, outDir, options.ifThere ?? 'replace');
    return manifest;
  } catch (error) {
    throw errorCode(error) === 'ENOSPC' ? diskFull(published, outDir) : error;
  } finally {
    await checkpoint?.tensors.close();
    await rm(temporary, { recursive: true, force: true });
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function writeWeights(
  checkpoint: Checkpoint,
  file: string,
  { weights: format, signal, onProgress }: ConvertOptions,
): Promise<void> {
  const { weights, tensors, facts } = checkpoint;
  const plan = weights.flatMap((weight) => storedTensors(weight, format));
  const writer = await SafetensorsWriter.create(file, plan);
  let done = 0;
  try {
    for (const weight of weights) {
      for await (const piece of encodeWeight(weight, format, tensors)) {
        signal?.throwIfAborted();
        await writer.append(piece);
      }
      done += elements(weight.shape);
      onProgress?.(done / facts.parameters);
    }
    await writer.finish();
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** Nothing is overwritten but what an earlier conversion made. */
async function checkTarget(outDir: string): Promise<void> {
  const names: string[] = await readdir(outDir).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0 || names.includes(manifestFile)) return;
  throw new LacunaError('badUsage', {
    doing: `Cannot write a model folder to "${outDir}"`,
    found: 'that folder exists and is no model folder',
    advice: 'Give a new folder or an empty one',
  });
}

/** Gives the finished folder its name; another process may be doing the same at this moment. */
async function publish(
  temporary: string,
  outDir: string,
  ifThere: 'replace' | 'keep',
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
    await checkTarget(outDir);
    const old = `${temporary}-old`;
    await rename(outDir, old).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error; // someone else moved it away first
    });
    await rm(old, { recursive: true, force: true });
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

/** Removes what conversions to the same folder left when they were killed. */
async function sweep(parent: string, marker: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(marker)) continue;
    const left = path.join(parent, name);
    const touchedMs = (await stat(left).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - touchedMs > abandonedAfterMs) await rm(left, { recursive: true, force: true });
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
