/**
 * Ends a process whose one thread has hung for good, in a driver or a loop: it could not even notice
 * that everybody has left. A thread of its own watches it, and is asleep but for a moment.
 */
import { Worker } from 'node:worker_threads';

const lookMs = 30_000;
/** Looks in a row without a sign of life; asleep with the machine, it looks as seldom as we live. */
const mostLooks = 40;

const program = `
  const { workerData } = require('node:worker_threads');
  let last = -1;
  let looks = 0;
  setInterval(() => {
    const now = Atomics.load(workerData.signs, 0);
    looks = now === last ? looks + 1 : 0;
    last = now;
    if (looks >= workerData.mostLooks) process.kill(process.pid, 'SIGKILL');
  }, workerData.lookMs);
`;

/** @param options for tests. */
export function startWatchdog(options: { lookMs?: number; mostLooks?: number } = {}): void {
  const wishes = { lookMs, mostLooks, ...options };
  const signs = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.add(signs, 0, 1), wishes.lookMs / 2).unref();
  const worker = new Worker(program, {
    eval: true,
    workerData: { signs, ...wishes },
    stdout: false,
    resourceLimits: { maxOldGenerationSizeMb: 16 },
  });
  worker.on('error', (error) => console.error(`Watchdog: ${error.message}`));
  worker.unref();
}
