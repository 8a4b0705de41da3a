/** A conversion that is killed leaves no model; the same command goes on where it was, and a changed checkpoint starts anew. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cliFile, runCli, writeTinyModel } from './tinyModel';

/** One for all tests of the block: its checkpoint takes seconds to make. */
function useTempFolderOnce(): (...names: string[]) => string {
  let folder = '';
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-killed-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return (...names) => path.join(folder, ...names);
}

describe('lacuna convert, killed', function () {
  this.timeout(300_000); // it is the threads' time that passes, on busy cores
  const at = useTempFolderOnce();
  const convert = (out: string) => ['convert', at('model'), '--out', at(out), '--weights', 'q4'];

  /** Large enough (21 M weights) that there are threads, and time to kill them. */
  before(() =>
    writeTinyModel(at('model'), {
      ...{ architecture: 'llama', hiddenSize: 512, layers: 7, feedForwardSize: 1280 },
      ...{ heads: 8, dtype: 'BF16', shards: 2 },
    }),
  );
  afterEach(() => {
    for (const name of readdirSync(at())) {
      if (name !== 'model') rmSync(at(name), { recursive: true });
    }
  });

  const partials = () => readdirSync(at()).filter((name) => name.startsWith('.killed.partial-'));

  /** Chunks that are on the disk for good, by the list in the unfinished folder. */
  function chunksDone(partial = partials()[0]): string[] {
    const list = at(partial ?? '', 'weights.safetensors.done');
    return existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
  }

  /** Starts a conversion and kills it when its list is longer than what there was before. */
  async function killHalfway(isEnough = () => chunksDone().length > 0): Promise<void> {
    // One thread: there must be something left to do when the first list is seen.
    const args = [cliFile, ...convert('killed'), '--threads', '1'];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('close', resolve));
    while (!isEnough()) {
      assert.equal(child.exitCode, null, 'it ended before it could be killed');
      await sleep(5);
    }
    child.kill('SIGKILL');
    await ended;
    assert.ok(!existsSync(at('killed')), 'no half model');
  }

  it('goes on where it was, to the same bytes', async () => {
    await killHalfway();
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
    await killHalfway();
    const [before] = partials();
    const done = chunksDone();
    await killHalfway(() => chunksDone().length > done.length);
    const numbers = chunksDone();
    assert.deepEqual(numbers.slice(0, done.length), done, 'the list was continued');
    assert.equal(new Set(numbers).size, numbers.length, 'no chunk twice');
    const [after] = partials();
    const taskOf = (name: string | undefined) => name?.split('-')[1];
    assert.equal(taskOf(after), taskOf(before));

    const shard = readdirSync(at('model')).find((name) => name.endsWith('.safetensors'))!;
    utimesSync(at('model', shard), new Date(), new Date(Date.now() + 5000));
    const isNew = () => partials().some((name) => taskOf(name) !== taskOf(before));
    await killHalfway(() => isNew() && partials().length === 1 && chunksDone().length > 0);
    assert.ok(isNew());
  });
});
