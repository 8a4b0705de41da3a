/**
 * All weights of a checkpoint into the weight file of a model folder: on all cores where there is
 * much to do, else on this thread; what an earlier try has finished is left as it is. Knows nothing
 * of folders.
 */
import os from 'node:os';
import { stat } from 'node:fs/promises';
import type { WeightFormat } from '../protocol/messages';
import type { Checkpoint } from './checkpoint';
import { encodeOnPool } from './encodePool';
import { Encoder, planOf, tasksOf } from './encodeTasks';
import type { EncodeJob, EncodeTask } from './encodeTasks';
import { WeightFile } from './weightFile';

export interface EncodeOptions {
  readonly weights: WeightFormat;
  /** Share of the weights written, 0..1. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
  /** Threads that encode; absent: all that the machine runs at once. */
  readonly threads?: number;
  /** See PoolOptions. */
  readonly workerFile?: string;
}

/** With less to do than this (a second's work), threads are not worth their start. */
const worthThreads = 2 ** 24;
/** For what all threads hold at once: floats of a task, what it is read from and what it becomes. */
const memoryBytes = 2 ** 30;
const bytesPerElement = 12;

/** @param file of a folder that belongs to this checkpoint, format and caller alone. */
export async function encodeWeights(
  { weights, folder }: Checkpoint,
  file: string,
  options: EncodeOptions,
): Promise<void> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) return options.onProgress?.(1); // killed later than that
  const { dir, adapterDir } = folder;
  const format = options.weights;
  const job: EncodeJob = {
    dir,
    ...(adapterDir !== undefined && { adapterDir }),
    weights,
    format,
    file,
  };
  const output = await WeightFile.open(file, planOf(job));
  try {
    await encodeAll(job, output, options);
    await output.finish();
  } catch (error) {
    await output.close().catch(() => undefined);
    throw error;
  }
}

async function encodeAll(
  job: EncodeJob,
  output: WeightFile,
  { signal, onProgress, threads = os.availableParallelism(), workerFile }: EncodeOptions,
): Promise<void> {
  const tasks = tasksOf(job);
  const left = tasks.filter(({ number }) => !output.done.has(number));
  const sizeOf = (some: readonly EncodeTask[]) =>
    some.reduce((sum, task) => sum + task.elements, 0);
  const total = sizeOf(tasks);
  let done = total - sizeOf(left);
  const onDone = async (task: EncodeTask) => {
    done += task.elements;
    await output.note(task.number);
    onProgress?.(done / total);
  };
  if (sizeOf(left) >= worthThreads) {
    const largest = Math.max(...left.map(({ elements }) => elements));
    const fitting = Math.max(1, Math.floor(memoryBytes / (largest * bytesPerElement)));
    const pool = { onDone, ...(signal && { signal }), ...(workerFile && { workerFile }) };
    return encodeOnPool(job, left, { ...pool, threads: Math.min(threads, fitting) });
  }
  const encoder = await Encoder.open(job);
  try {
    for (const task of left) {
      signal?.throwIfAborted();
      await encoder.run(task);
      await onDone(task);
    }
  } finally {
    await encoder.close();
  }
}
