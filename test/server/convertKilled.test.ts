/** A conversion that is killed leaves no model; the same command goes on where it was, and a changed checkpoint starts anew. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { useTempFolder } from '../support/tempFolder';
import { cliFile, runCli, writeTinyModel } from './tinyModel';

describe('lacuna convert, killed', () => {
  const at = useTempFolder();
  const convert = (out: string) => ['convert', at('model'), '--out', at(out), '--weights', 'q4'];

  /** Large enough (40 M weights) that there are threads, and time to kill them. */
  beforeEach(() =>
    writeTinyModel(at('model'), {
      ...{ architecture: 'llama', hiddenSize: 512, layers: 14, feedForwardSize: 1280 },
      ...{ heads: 8, dtype: 'BF16', shards: 2 },
    }),
  );

  /** Chunks that are on the disk for good, by the list in the only unfinished folder. */
  function chunksDone(): string[] {
    const partial = readdirSync(at()).find((name) => name.startsWith('.killed.partial-'));
    const list = at(partial ?? '', 'weights.safetensors.done');
    return existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
  }

  async function killHalfway(): Promise<number> {
    // One thread: there must be something left to do when the first list is seen.
    const args = [cliFile, ...convert('killed'), '--threads', '1'];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    while (chunksDone().length === 0) {
      assert.equal(child.exitCode, null, 'it ended before it could be killed');
      await sleep(5);
    }
    child.kill('SIGKILL');
    await ended;
    return chunksDone().length;
  }

  it('goes on where it was, to the same bytes', async () => {
    const done = await killHalfway();
    assert.ok(done > 0);
    assert.ok(!existsSync(at('killed')), 'no half model');
    const run = await runCli(convert('killed'));
    assert.equal(run.code, 0, run.err);
    const whole = await runCli(convert('whole'));
    assert.equal(whole.code, 0, whole.err);
    const bytes = (out: string) => readFileSync(at(out, 'weights.safetensors'));
    assert.ok(bytes('killed').equals(bytes('whole')));
    const left = readdirSync(at()).toSorted();
    assert.deepEqual(left, ['killed', 'model', 'whole'], 'nothing is left of the killed one');
  });

  it('does no chunk twice, and starts anew when the checkpoint has changed', async () => {
    const done = await killHalfway();
    const before = readdirSync(at()).find((name) => name.startsWith('.killed.partial-'))!;
    const second = spawn(process.execPath, [cliFile, ...convert('killed'), '--threads', '1']);
    const ended = new Promise((resolve) => second.once('close', resolve));
    while (second.exitCode === null && chunksDone().length <= done) await sleep(5);
    second.kill('SIGKILL');
    await ended;
    const numbers = chunksDone();
    assert.ok(numbers.length > done, 'the list was continued');
    assert.equal(new Set(numbers).size, numbers.length, 'no chunk twice');
    const after = readdirSync(at()).find((name) => name.startsWith('.killed.partial-'))!;
    const taskOf = (name: string) => name.split('-')[1];
    assert.equal(taskOf(after), taskOf(before));

    const shard = readdirSync(at('model')).find((name) => name.endsWith('.safetensors'))!;
    utimesSync(at('model', shard), new Date(), new Date(Date.now() + 5000));
    const last = await killHalfway();
    const anew = readdirSync(at()).filter((name) => name.startsWith('.killed.partial-'));
    assert.equal(anew.length, 1, 'the old half is gone');
    assert.notEqual(taskOf(anew[0]!), taskOf(before));
    assert.ok(last > 0);
  });
});
