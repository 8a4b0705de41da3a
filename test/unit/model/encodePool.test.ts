/** Encoding on several threads: the same bytes as on one, clear failures, and an end when it is asked for. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAbort } from '../../../src/protocol/errors';
import { openCheckpoint } from '../../../src/model/checkpoint';
import { encodeOnPool } from '../../../src/model/encodePool';
import { Encoder, planOf, tasksOf } from '../../../src/model/encodeTasks';
import type { EncodeJob, EncodeTask } from '../../../src/model/encodeTasks';
import { partialName, WeightFile } from '../../../src/model/weightFile';
import type { WeightFormat } from '../../../src/protocol/messages';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';
import type { TinyOptions } from '../../support/tinyCheckpoint';

/** The real thread, as it is shipped. */
const workerFile = path.resolve('dist/encodeWorker.js');
const nothing = () => Promise.resolve();

describe('encodeOnPool', () => {
  const at = useTempFolder();

  async function jobOf(format: WeightFormat, options: TinyOptions = {}): Promise<EncodeJob> {
    await writeTinyCheckpoint(at('tiny'), { architecture: 'llama', shards: 2, ...options });
    const { weights, tensors } = await openCheckpoint(at('tiny'));
    await tensors.close();
    return { dir: at('tiny'), weights, format, file: at('weights.safetensors') };
  }

  for (const format of ['f32', 'f16', 'q8', 'q4'] as const) {
    it(`writes what one thread writes, ${format}`, async () => {
      const job = await jobOf(format);
      const output = await WeightFile.open(job.file, planOf(job));
      const done: number[] = [];
      const onDone = async ({ number }: EncodeTask) => void done.push(number);
      await encodeOnPool(job, tasksOf(job), { threads: 3, onDone, workerFile });
      await output.finish();
      assert.deepEqual(
        done.toSorted((a, b) => a - b),
        [...tasksOf(job).keys()],
      );

      const alone = { ...job, file: at('alone.safetensors') };
      const second = await WeightFile.open(alone.file, planOf(alone));
      const encoder = await Encoder.open(alone);
      for (const task of tasksOf(alone).toReversed()) await encoder.run(task);
      await encoder.close();
      await second.finish();
      assert.ok(readFileSync(alone.file).equals(readFileSync(job.file)));
      assert.deepEqual(readdirSync(at()).toSorted(), [
        'alone.safetensors',
        'tiny',
        'weights.safetensors',
      ]);
    });
  }

  it('names the file and tensor of a damaged weight', async () => {
    const name = 'model.layers.1.mlp.up_proj.weight';
    const job = await jobOf('q4', {
      change: (tensors) => (tensors.get(name)!.values[7] = NaN),
    });
    const output = await WeightFile.open(job.file, planOf(job));
    const encoding = encodeOnPool(job, tasksOf(job), { threads: 2, onDone: nothing, workerFile });
    await expectError(encoding, 'badCheckpoint', /value 7 of tensor "model\.layers\.1\.mlp\.up/);
    await output.close();
  });

  it('says at which tensor a thread ended', async () => {
    const job = await jobOf('q4');
    const broken = at('broken.js');
    writeFileSync(
      broken,
      `const { parentPort } = require('node:worker_threads');
       parentPort.on('message', (number) => {
         if (number === 2) process.exit(7);
         parentPort.postMessage({ number });
       });`,
    );
    const pool = { threads: 1, onDone: nothing, workerFile: broken };
    const { source } = tasksOf(job)[2]!.weight;
    const text = new RegExp(`tensor "${source}" .*thread that did it ended \\(exit code 7\\)`);
    await expectError(encodeOnPool(job, tasksOf(job), pool), 'internal', text);
  });

  it('says when there is no thread to start', async () => {
    const job = await jobOf('q4');
    const pool = { threads: 2, onDone: nothing, workerFile: at('nowhere.js') };
    await expectError(encodeOnPool(job, tasksOf(job), pool), 'internal', /ended \(Cannot find/);
  });

  it('keeps the number of a system error, such as that of a full disk', async () => {
    const job = await jobOf('q4');
    assert.ok(!existsSync(partialName(job.file))); // never opened: the threads cannot write
    const pool = { threads: 2, onDone: nothing, workerFile };
    await assert.rejects(encodeOnPool(job, tasksOf(job), pool), { code: 'ENOENT' });
  });

  it('ends when it is asked to, with tasks left', async () => {
    const job = await jobOf('q4');
    const output = await WeightFile.open(job.file, planOf(job));
    const stop = new AbortController();
    let done = 0;
    const onDone = async () => {
      if (++done === 3) stop.abort();
    };
    const pool = { threads: 2, onDone, workerFile, signal: stop.signal };
    await assert.rejects(encodeOnPool(job, tasksOf(job), pool), isAbort);
    assert.ok(done < tasksOf(job).length, `${done} were done`);
    await output.close();
  });
});

describe('WeightFile', () => {
  const at = useTempFolder();
  const plan = [{ name: 'a', dtype: 'U8', shape: [4] }] as const;

  it('continues what the list says is done, and nothing of another file', async () => {
    const file = at('w');
    const first = await WeightFile.open(file, plan);
    await first.close();
    writeFileSync(`${file}.done`, '0;\n2;\n1'); // the last line was cut off
    const second = await WeightFile.open(file, plan);
    assert.deepEqual([...second.done], [0, 2]);
    await second.close();
    const other = await WeightFile.open(file, [{ name: 'b', dtype: 'U8', shape: [4] }]);
    assert.deepEqual([...other.done], []);
    await other.close();
    assert.equal(readFileSync(`${file}.done`, 'utf8'), '');
  });
});
