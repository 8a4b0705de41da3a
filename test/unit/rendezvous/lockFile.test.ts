import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PassThrough, type Duplex } from 'node:stream';
import { duplexPair } from '../../support/duplexPair';
import { addressIn, openFolder, runtimeFolder } from '../../../src/rendezvous/folder';
import { greetAsClient, greetAsServer } from '../../../src/rendezvous/greeting';
import { dropLock, readLock, removeStale, takeLock } from '../../../src/rendezvous/lockFile';
import { isRunning, ownProcess } from '../../../src/rendezvous/processes';

describe('the meeting place', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-lock-'));
    file = path.join(folder, 'x.lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const lockOf = async (token: string) => ({
    ...(await ownProcess()),
    version: '1',
    address: path.join(folder, 'x.sock'),
    token,
  });

  it('gives the lock to one of many that want it at the same instant', async () => {
    const locks = await Promise.all(Array.from({ length: 20 }, (_, n) => lockOf(`t${n}`)));
    const taken = await Promise.all(locks.map((lock) => takeLock(file, lock)));
    assert.equal(taken.filter(Boolean).length, 1);
    assert.equal((await readLock(file))!.token, locks[taken.indexOf(true)]!.token);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder), ['x.lock']);
  });

  it('gives a dead one to one of many, too', async () => {
    const child = spawn(process.execPath, ['-e', '0']);
    await once(child, 'exit');
    const dead = { ...(await lockOf('dead')), pid: child.pid!, start: '1' };
    const stale = [JSON.stringify(dead), '{', '', 'null', '{"pid":-1}'];
    for (const [round, text] of stale.entries()) {
      writeFileSync(file, text);
      const locks = await Promise.all(
        Array.from({ length: 20 }, (_, n) => lockOf(`${round}.${n}`)),
      );
      const taken = await Promise.all(locks.map((lock) => takeLock(file, lock)));
      const token = (await readLock(file))!.token;
      assert.ok(taken[locks.findIndex((lock) => lock.token === token)], 'who has it knows it');
      rmSync(file);
    }
  });

  it('takes no living lock away, and gives back only its own', async () => {
    const mine = await lockOf('mine');
    assert.equal(await takeLock(file, mine), true);
    await removeStale(file, 'another');
    assert.equal((await readLock(file))!.token, 'mine');
    await dropLock(file, await lockOf('another'));
    assert.equal((await readLock(file))!.token, 'mine');
    await dropLock(file, mine);
    assert.equal(await readLock(file), undefined);
  });

  it('believes no lock that another user could have written, or that leads out of the folder', async () => {
    const mine = JSON.stringify(await lockOf('mine'));
    writeFileSync(file, mine, { mode: 0o600 });
    assert.equal((await readLock(file))!.token, 'mine');
    for (const mode of [0o644, 0o620, 0o602]) {
      chmodSync(file, mode);
      assert.equal(await readLock(file), undefined, mode.toString(8));
    }
    rmSync(file);
    writeFileSync(path.join(folder, 'elsewhere'), mine, { mode: 0o600 });
    symlinkSync(path.join(folder, 'elsewhere'), file);
    assert.equal(await readLock(file), undefined);
    rmSync(file);
    const out = { ...(await lockOf('mine')), address: '/tmp/pub/evil.sock' };
    writeFileSync(file, JSON.stringify(out), { mode: 0o600 });
    assert.equal(await readLock(file), undefined);
  });

  it('tells a process from another one that has its number', async () => {
    const own = await ownProcess();
    assert.equal(await isRunning(own), true);
    assert.equal(await isRunning({ ...own, start: '17' }), process.platform !== 'linux');
    assert.equal(await isRunning({ pid: 2 ** 22 + 1, start: own.start }), false);
  });

  it('lies where the user alone may look, with a name that fits', async () => {
    assert.equal(runtimeFolder({ LACUNA_RUNTIME_DIR: '/a' }, 'linux'), path.resolve('/a'));
    assert.equal(runtimeFolder({ XDG_RUNTIME_DIR: '/run/user/1' }, 'linux'), '/run/user/1/lacuna');
    assert.match(runtimeFolder({}, 'linux'), /lacuna-\d+$/);
    const place = path.join(folder, 'a', 'b');
    await openFolder(place);
    assert.equal(statSync(place).mode & 0o777, 0o700);
    writeFileSync(path.join(folder, 'file'), '');
    await assert.rejects(openFolder(path.join(folder, 'file')), /is not a folder/);
    chmodSync(place, 0o755);
    await assert.rejects(openFolder(place), /may be entered by other users/);
    assert.equal(statSync(place).mode & 0o777, 0o755); // not closed to those who share it
    assert.throws(() => addressIn(`/${'x'.repeat(120)}`, 'y'), /longer than 103 bytes/);
  });

  describe('the greeting', () => {
    const soon = () => AbortSignal.timeout(2000);

    it('brings two together that know the same token, and keeps what follows', async () => {
      const [client, server] = duplexPair();
      await Promise.all([greetAsClient(client, 'k', soon()), greetAsServer(server, 'k', soon())]);
      client.write('more');
      assert.equal(String((await once(server, 'data'))[0]), 'more');
    });

    it('ends between two that do not, at either end, and never says the token', async () => {
      for (const [one, other] of [
        ['token-a', 'token-b'],
        ['', 'token-b'],
      ] as const) {
        const [client, server] = duplexPair();
        const said = tap(client);
        const results = await Promise.allSettled([
          greetAsClient(client, one, soon()).finally(() => client.destroy()),
          greetAsServer(server, other, soon()),
        ]);
        assert.deepEqual(
          results.map(({ status }) => status),
          ['rejected', 'rejected'],
        );
        assert.ok(!said().includes('token-'));
      }
    });

    it('is refused by who gets no word, too many, or none in time', async () => {
      for (const words of ['hello\n', `${'x'.repeat(400)}`, 'lacuna short\n']) {
        const [client, server] = duplexPair();
        client.write(words);
        await assert.rejects(greetAsServer(server, 'k', soon()));
      }
      const [, server] = duplexPair();
      await assert.rejects(greetAsServer(server, 'k', AbortSignal.timeout(20)), /in time/);
      await assert.rejects(greetAsServer(new PassThrough().destroy(), 'k', soon()));
    });
  });
});

/** What an end has written so far. */
function tap(end: Duplex): () => string {
  let said = '';
  const write = end.write.bind(end);
  end.write = ((chunk: string | Buffer) => {
    said += chunk.toString();
    return write(chunk);
  }) as typeof end.write;
  return () => said;
}
