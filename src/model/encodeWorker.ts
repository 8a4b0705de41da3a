/**
 * Entry of dist/encodeWorker.js, a thread that encodes weights: is given the job once, then task
 * numbers, and answers each when its bytes are written. Plain JavaScript and files; ONNX Runtime must
 * not come in here, ending a thread inside of it would end the process.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { LacunaError } from '../protocol/errors';
import { Encoder, tasksOf } from './encodeTasks';
import type { EncodeJob } from './encodeTasks';
import type { EncodeAnswer } from './encodePool';

const job = workerData as EncodeJob;
const tasks = tasksOf(job);
const encoder = Encoder.open(job);
encoder.catch(() => {}); // told with the first task

parentPort!.on('message', (number: number) => {
  void work(number).then((answer) => parentPort!.postMessage(answer));
});

async function work(number: number): Promise<EncodeAnswer> {
  try {
    await (await encoder).run(tasks[number]!);
    return { number };
  } catch (thrown) {
    if (thrown instanceof LacunaError) {
      return { number, failed: { code: thrown.code, parts: thrown.parts } };
    }
    const { message, code } = thrown as NodeJS.ErrnoException;
    return { number, failed: { message, ...(code !== undefined && { errno: code }) } };
  }
}
