/**
 * Encodes weights on several threads: each has one task at a time and gets the next when it has
 * answered. The first failure ends all of them, as does the signal. Knows no formats.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { LacunaError } from '../protocol/errors';
import type { ErrorCode, ErrorParts } from '../protocol/errors';
import type { EncodeJob, EncodeTask } from './encodeTasks';

/** What a thread says about a task. */
export interface EncodeAnswer {
  readonly number: number;
  readonly failed?:
    | { readonly code: ErrorCode; readonly parts: ErrorParts }
    | { readonly message: string; readonly errno?: string };
}

export interface PoolOptions {
  readonly threads: number;
  readonly signal?: AbortSignal;
  /** Told of each task when its bytes are written; the next is given out when it has returned. */
  readonly onDone: (task: EncodeTask) => Promise<void>;
  /** The bundle of encodeWorker.ts; absent: beside the bundle that this is in. */
  readonly workerFile?: string;
}

/** @throws what failed first, or the signal's reason; no thread is left then. */
export async function encodeOnPool(
  job: EncodeJob,
  tasks: readonly EncodeTask[],
  { threads, signal, onDone, workerFile = path.join(__dirname, 'encodeWorker.js') }: PoolOptions,
): Promise<void> {
  const left = tasks.values();
  const workers: Thread[] = [];
  const stop = new AbortController();
  const ends = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const runOne = async (): Promise<void> => {
    const { value: first } = left.next();
    if (first === undefined) return;
    const thread = startThread(workerFile, job);
    workers.push(thread);
    for (let task: EncodeTask | undefined = first; task; task = left.next().value) {
      await answerTo(thread, task, job, ends);
      await onDone(task);
    }
  };
  try {
    const count = Math.min(threads, tasks.length);
    await Promise.all(Array.from({ length: count }, runOne));
  } finally {
    stop.abort(); // those that still wait for an answer
    await Promise.all(workers.map(({ worker }) => worker.terminate()));
  }
  signal?.throwIfAborted();
}

interface Thread {
  readonly worker: Worker;
  /** How it ended, which may be between two tasks. */
  ended?: string;
}

function startThread(workerFile: string, job: EncodeJob): Thread {
  const thread: Thread = { worker: new Worker(workerFile, { workerData: job }) };
  // For as long as it lives: an error that nobody listens for would end the process.
  thread.worker.on('error', (error: Error) => (thread.ended ??= error.message));
  thread.worker.on('exit', (code) => (thread.ended ??= `exit code ${code}`));
  return thread;
}

/** Gives `task` to the thread and waits until it is done. */
function answerTo(
  thread: Thread,
  task: EncodeTask,
  job: EncodeJob,
  signal: AbortSignal,
): Promise<void> {
  const { worker } = thread;
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      worker.off('message', onMessage).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) resolve();
      else reject(error as Error);
    };
    const onMessage = ({ failed }: EncodeAnswer) =>
      settle(failed && errorOf(failed, task, job.dir));
    const onExit = () => settle(threadEnded(task, job.dir, thread.ended!));
    const onAbort = () => settle(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    worker.on('message', onMessage).on('exit', onExit);
    if (signal.aborted) onAbort();
    else if (thread.ended !== undefined) onExit();
    else worker.postMessage(task.number);
  });
}

function errorOf(
  failed: NonNullable<EncodeAnswer['failed']>,
  { weight }: EncodeTask,
  dir: string,
): Error {
  if ('code' in failed) return new LacunaError(failed.code, failed.parts);
  if (failed.errno !== undefined) {
    // A system error keeps its number: a full disk is told apart by it.
    return Object.assign(new Error(`tensor "${weight.source}": ${failed.message}`), {
      code: failed.errno,
    });
  }
  const doing = `Cannot convert tensor "${weight.source}" of "${dir}"`;
  const advice = 'Report this with the name of the checkpoint';
  return new LacunaError('internal', { doing, found: failed.message, advice });
}

function threadEnded({ weight }: EncodeTask, dir: string, how: string): LacunaError {
  return new LacunaError('internal', {
    doing: `Cannot convert tensor "${weight.source}" of "${dir}"`,
    found: `the thread that did it ended (${how})`,
    advice: 'Close what else takes memory and try again, or use fewer threads',
  });
}
