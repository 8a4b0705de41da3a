/**
 * Makes a model folder of a checkpoint folder: weights.safetensors in the graph's own layout,
 * lacuna.json, and the tokenizer's files. Streams tensor by tensor into a sibling folder that takes
 * the final name at the end, so a stop at any time leaves no half folder behind. Runs no graph.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LacunaError } from '../protocol/errors';
import type { WeightFormat } from '../protocol/messages';
import { openCheckpoint } from './checkpoint';
import type { Checkpoint, CheckpointOptions } from './checkpoint';
import { isJsonObject } from './jsonFile';
import { manifestVersion } from './manifest';
import type { Manifest } from './manifest';
import { elements } from './safetensors';
import { SafetensorsWriter } from './safetensorsWriter';
import { encodeWeight, storedTensors } from './weights';

export const manifestFile = 'lacuna.json';
const weightFile = 'weights.safetensors';
/** What a model folder takes over; tokenizer.json is what makes it have a tokenizer. */
export const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
];

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
}

/** @throws LacunaError `badCheckpoint`, `unsupportedModel`, or `badUsage` for a wrong `outDir`. */
export async function convertCheckpoint(
  checkpointDir: string,
  options: ConvertOptions,
): Promise<Manifest> {
  const outDir = path.resolve(options.outDir);
  await checkTarget(outDir);
  const checkpoint = await openCheckpoint(checkpointDir, options);
  const parent = path.dirname(outDir);
  const marker = `.${path.basename(outDir)}.partial-`;
  const temporary = path.join(parent, marker + randomBytes(6).toString('hex'));
  try {
    await mkdir(temporary, { recursive: true });
    await sweep(parent, marker);
    await writeWeights(checkpoint, path.join(temporary, weightFile), options);
    const hasTokenizer = await copyCompanions(checkpointDir, temporary);
    const { weights } = options;
    const manifest = { manifestVersion, ...checkpoint.facts, weights, weightFile, hasTokenizer };
    await writeFile(path.join(temporary, manifestFile), JSON.stringify(manifest, null, 2) + '\n');
    options.signal?.throwIfAborted();
    await publish(temporary, outDir, options.ifThere ?? 'replace');
    return manifest;
  } catch (error) {
    throw errorCode(error) === 'ENOSPC' ? diskFull(checkpointDir, outDir) : error;
  } finally {
    await checkpoint.tensors.close();
    await rm(temporary, { recursive: true, force: true });
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

async function copyCompanions(from: string, to: string): Promise<boolean> {
  for (const file of [...tokenizerFiles, ...papers]) {
    const copying = copyFile(
      path.join(from, file),
      path.join(to, file),
      constants.COPYFILE_FICLONE,
    );
    await copying.catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  }
  return exists(path.join(to, tokenizerFiles[0]));
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
