/**
 * Wall clocks that jump by hours, in the sampler process, in its client and in a server: nobody is taken
 * for dead, nothing is unloaded too early or too late, no lock is taken over and no limit is got around.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { claimPartial, releasePartial } from '../../src/model/partialFolder';
import { readLock } from '../../src/rendezvous/lockFile';
import { isRunning } from '../../src/rendezvous/processes';
import { ask, useServe } from './serveProcess';
import { useMeeting } from './sharedProcess';
import { loadParams, useClients, useTinyModel } from './tinyModel';

const clock = path.resolve('test/support/jumpingClock.cjs');
const options = { NODE_OPTIONS: `--require "${clock}"` };
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('a clock that jumps by hours', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();
  const meeting = useMeeting();
  const start = useServe();
  const fill = { parts: [{ text: 'x = ' }, { gap: { length: 2 } }] };
  const longFill = {
    parts: [{ text: 'x = ' }, { gap: { length: 300 } }],
    sampling: { sampler: 'even', steps: 100 },
  } as const;

  /** In this process, where the clients are. */
  const RealDate = Date;
  beforeEach(() => require(clock) as unknown);
  afterEach(() => {
    globalThis.Date = RealDate;
    delete require.cache[clock];
  });
  const join = () =>
    newClient({
      transport: meeting.transport({ env: options }),
      heartbeat: { everyMs: 20, patienceMs: 20_000 },
      limits: () => ({ unloadAfterMinutes: 1 }),
    });

  it('does jump here', async () => {
    const hours = new Set<number>();
    for (let look = 0; look < 40; look++) {
      hours.add(Math.round((Date.now() - RealDate.now()) / 3600e3));
      await wait(5);
    }
    assert.deepEqual(
      [...hours].sort((a, b) => a - b),
      [-6, 0, 6],
    );
  });

  it('loses no pending request, kills nobody and unloads nothing', async () => {
    const client = join();
    await client.load(loadParams(inFolder));
    const { pid } = client;
    const pending = client.fill(longFill);
    const times: number[] = [];
    const idle: number[] = [];
    for (let look = 0; look < 60; look++) {
      const { elapsedMs, queueMs, forwardMs } = await client.fill(fill);
      times.push(elapsedMs, queueMs, forwardMs);
      const { models, uptimeMs } = await client.processStatus();
      assert.equal(models[0]!.inMemory, true);
      times.push(uptimeMs);
      idle.push(models[0]!.idleMs);
      await wait(7);
    }
    const { fills, elapsedMs, queueMs, forwardMs } = await pending;
    assert.equal(fills.length, 1);
    for (const ms of [...times, elapsedMs, queueMs, forwardMs, ...idle]) {
      assert.ok(ms >= 0 && ms < 3600e3, `${ms} ms`);
    }
    await wait(5500); // it looks after idle models every 5 s
    assert.equal((await client.processStatus()).models[0]!.inMemory, true);
    assert.equal(client.pid, pid);
  });

  it('makes no living lock look dead, and a window finds the process again', async () => {
    const first = join();
    await first.load(loadParams(inFolder));
    const file = path.join(
      meeting.folder,
      meeting.files().find((name) => name.endsWith('.lock'))!,
    );
    for (let look = 0; look < 20; look++) {
      assert.equal(await isRunning((await readLock(file))!), true);
      await wait(7);
    }
    for (let round = 0; round < 3; round++) {
      const other = join();
      await other.load(loadParams(inFolder));
      assert.equal(other.pid, first.pid);
      await other.dispose();
    }
  });

  it('lets nobody ask more often of a server, or guess more tokens', async () => {
    const before = process.env['NODE_OPTIONS'];
    Object.assign(process.env, options);
    const served = await start(inFolder('model'), '--rate', '60').finally(() => {
      if (before === undefined) delete process.env['NODE_OPTIONS'];
      else process.env['NODE_OPTIONS'] = before;
    });
    const statuses: number[] = [];
    const begun = performance.now();
    while (performance.now() - begun < 1500) {
      statuses.push((await ask(`${served.url}/v1/models`)).status);
    }
    const letIn = statuses.filter((status) => status === 200).length;
    const seconds = (performance.now() - begun) / 1000;
    // Ten at once, then one a second; hours would have let in all, and hours back nobody.
    assert.ok(letIn >= 10 && letIn <= 10 + Math.ceil(seconds), `${letIn} of ${statuses.length}`);
    for (const ms of [1100, 1127, 1154, 1181]) {
      await wait(ms);
      assert.equal((await ask(`${served.url}/v1/models`)).status, 200, `${ms} ms later`);
    }
    const wrong = { headers: { authorization: 'Bearer wrong-wrong-wrong-wrong' } };
    const guesses: number[] = [];
    for (let guess = 0; guess < 40; guess++) {
      guesses.push((await ask(`${served.url}/v1/models`, wrong)).status);
      await wait(5);
    }
    assert.ok(guesses.filter((status) => status === 401).length <= 11, guesses.join(' '));
    served.child.kill('SIGTERM');
    assert.equal((await served.ended).code, 0);
  });

  it('leaves what another machine converts at this moment', async () => {
    const out = inFolder('shared', 'model');
    const parent = inFolder('shared');
    const theirs = path.join(parent, '.model.partial-q8e2-4711-0badcafe-0123456789ab');
    const old = path.join(parent, '.model.partial-q8e2-4711-0badcafe-abcdefabcdef');
    for (const dir of [theirs, old]) mkdirSync(dir, { recursive: true });
    const twoDaysAgo = RealDate.now() / 1000 - 2 * 86_400;
    utimesSync(old, twoDaysAgo, twoDaysAgo);
    for (const days of [3, -3]) {
      globalThis.Date = class extends RealDate {
        static override now = () => RealDate.now() + days * 86_400e3;
      } as DateConstructor;
      releasePartial(await claimPartial(out, 'task'));
      assert.ok(existsSync(theirs), `${days} days off`);
    }
    assert.ok(!existsSync(old), 'what was left for days goes');
  });
});
