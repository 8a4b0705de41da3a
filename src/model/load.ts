/**
 * From a folder to a denoiser that runs: finds or makes the model folder, builds the graph, opens the
 * first device that works. The one door of this floor for the server and the CLI. Knows no sampler;
 * hands the tokenizer's files over unread.
 */
import { LacunaError } from '../protocol/errors';
import type { DeviceWish, LoadProgress, WeightFormat } from '../protocol/messages';
import type { AttentionKind } from './attention';
import { expandForCpu } from './expand';
import { checkIntact } from './intact';
import type { Manifest } from './manifest';
import { openModelFolder, readTokenizerFiles, resolveModelDir, userCacheDir } from './modelFolder';
import type { ModelFolder } from './modelFolder';
import { openDevice } from './openDevice';
import type { Running } from './openDevice';
import type { TokenizerFiles } from './tokenizerFiles';

export interface OpenOptions {
  readonly device: DeviceWish;
  /** Of the model server, with device `oip`. */
  readonly deviceUrl?: string;
  /** Threads on the CPU; absent: measured where `measureThreads` is set, else physical cores less one. */
  readonly threads?: number;
  /** Tries numbers of threads, once a model and machine. */
  readonly measureThreads?: boolean;
  /** Where converted checkpoints are kept; absent: the user's cache folder. */
  readonly cacheDir?: string;
  /** Format that a checkpoint folder is converted to; absent: q8. */
  readonly weights?: WeightFormat;
  /** Absent: fused, and plain where a GPU's fused kernel fails its self-check. */
  readonly attention?: AttentionKind;
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
  /** Ids of a known text, for the self-test of a conversion. */
  readonly snippet?: (files: TokenizerFiles) => Int32Array;
}

export interface LoadedModel extends Running {
  readonly manifest: Manifest;
  /** The model folder, which may lie in the cache. */
  readonly dir: string;
  /** Parsed tokenizer.json and tokenizer_config.json, of models that have them. */
  readonly tokenizerFiles?: TokenizerFiles;
  readonly loadMs: number;
}

export async function openModel(folder: string, options: OpenOptions): Promise<LoadedModel> {
  const started = performance.now();
  const report = (stage: LoadProgress['stage'], fraction: number) =>
    options.onProgress?.({ stage, fraction });
  report('reading', 0);
  const notes: string[] = [];
  const model = await openSound(folder, {
    ...options,
    onConverting: (fraction) => report('converting', 0.8 * fraction),
    onNote: (note) => notes.push(note),
  });
  const tokenizerFiles = await readTokenizerFiles(model);
  options.signal?.throwIfAborted();
  report('building', 0.8);
  const cacheDir = options.cacheDir ?? userCacheDir();
  const running = await openDevice(model, {
    ...options,
    forCpu: () =>
      expandForCpu(model, { cacheDir, signal: options.signal }).catch((error: unknown) => {
        options.signal?.throwIfAborted();
        // A full or read-only disk costs speed, no fills.
        notes.push(`Its weights stay in 4 bits, which is slower: ${messageOf(error)}`);
        return model;
      }),
    ...(options.measureThreads && { threadFolder: cacheDir }),
    onWarming: () => report('warming', 0.9),
  });
  if (options.signal?.aborted) {
    await running.denoiser.dispose();
    options.signal.throwIfAborted();
  }
  report('warming', 1);
  const loadMs = performance.now() - started;
  const { dir } = model;
  const manifest = { ...model.manifest, weights: running.weights };
  notes.push(...running.notes);
  return { manifest, dir, ...running, notes, ...(tokenizerFiles && { tokenizerFiles }), loadMs };
}

interface SoundOptions extends OpenOptions {
  readonly onConverting: (fraction: number) => void;
  readonly onNote: (note: string) => void;
}

/** The model folder, its files compared with their checksums; what is damaged of ours is made again. */
async function openSound(folder: string, options: SoundOptions): Promise<ModelFolder> {
  const { cacheDir = userCacheDir(), signal, onConverting, onNote } = options;
  const open = async (dir: string) => {
    const model = await openModelFolder(dir);
    await checkIntact(model, { cacheDir, signal });
    return model;
  };
  const wishes = { ...options, onProgress: onConverting };
  const dir = await resolveModelDir(folder, wishes);
  try {
    return await open(dir);
  } catch (error) {
    const isDamaged = error instanceof LacunaError && error.code === 'badCheckpoint';
    if (!isDamaged || dir === folder) throw error;
    onNote(`Its conversion in the cache was damaged and is made again: ${error.parts.found}`);
    return open(await resolveModelDir(folder, { ...wishes, anew: true }));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
