/** One sampler process for all windows: who starts it, who may use it, when it goes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { FallbackTransport } from '../../src/client/fallbackTransport';
import { StdioTransport } from '../../src/client/stdioTransport';
import type { LogMessage } from '../../src/protocol/messages';
import { readLock, type Lock } from '../../src/rendezvous/lockFile';
import { expectError } from '../support/expectError';
import { isAlive, until, useMeeting } from './sharedProcess';
import {
  loadParams,
  reached,
  serverFile,
  useClients,
  useTinyModel,
  writeTinyModel,
} from './tinyModel';

describe('the shared sampler process', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();
  const meeting = useMeeting();
  const fill = { parts: [{ text: 'x = ' }, { gap: { length: 2 } }] };
  const longFill = {
    parts: [{ text: 'x = ' }, { gap: { length: 900 } }],
    sampling: { sampler: 'even', steps: 900 },
  } as const;
  const join = () => newClient({ transport: meeting.transport() });
  const lockFile = () => {
    const name = meeting.files().find((file) => file.endsWith('.lock'));
    return name === undefined ? undefined : path.join(meeting.folder, name);
  };
  const lock = async (): Promise<Lock> => (await readLock(lockFile()!))!;

  it('is one for windows that start at the same instant, with one copy of the weights', async () => {
    const clients = Array.from({ length: 5 }, join);
    await Promise.all(clients.map((client) => client.load(loadParams(inFolder))));
    const pids = new Set(clients.map(({ pid }) => pid));
    assert.equal(pids.size, 1);
    await Promise.all(clients.map((client) => client.fill(fill)));
    const status = await clients[0]!.processStatus();
    assert.equal(status.clients.length, 5);
    assert.deepEqual(
      status.models.map(({ users }) => users),
      [5],
    );
    assert.equal(meeting.files().filter((name) => name.endsWith('.sock')).length, 1);
  });

  it('lives on when the window that started it closes, and goes with the last one', async () => {
    const first = join();
    await first.load(loadParams(inFolder));
    const second = join();
    await second.load(loadParams(inFolder));
    const pid = first.pid!;
    await first.dispose();
    await new Promise((resolve) => setTimeout(resolve, 600)); // longer than the grace
    await second.fill(fill);
    assert.equal(second.pid, pid);
    await second.dispose();
    await until('the process has ended', () => !isAlive(pid), 5000);
    assert.deepEqual(
      meeting.files().filter((name) => !name.endsWith('.err')),
      [],
    );
  });

  it('lives on when the window that started it is killed', async () => {
    const program = `
      const { spawn } = require('node:child_process');
      const [server, folder, key] = process.argv.slice(1);
      const child = spawn(process.execPath, [server, '--shared', folder, key, '300'],
        { detached: true, stdio: 'ignore' });
      child.unref();
      setInterval(() => {}, 1000);
    `;
    const probe = join();
    await probe.load(loadParams(inFolder));
    const key = path.basename(lockFile()!, '.lock');
    const old = probe.pid!;
    await probe.dispose();
    await until('the first one has ended', () => !isAlive(old));
    const host = spawn(process.execPath, ['-e', program, serverFile, meeting.folder, key]);
    await until('the second one is there', () => lockFile() !== undefined);
    const client = join();
    await client.load(loadParams(inFolder));
    const gone = once(host, 'exit');
    host.kill('SIGKILL');
    await gone;
    await client.fill(fill);
    assert.equal(client.pid, (await lock()).pid);
  });

  it('comes back as one process for all windows when it is killed', async () => {
    const clients = [join(), join(), join()];
    for (const client of clients) await client.load(loadParams(inFolder));
    const pid = clients[0]!.pid!;
    const pending = clients.map((client) => client.fill(longFill));
    const losses = clients.map((client) => reached(client, 'restarting'));
    const returns = clients.map((client) => reached(client, 'ready'));
    setTimeout(() => process.kill(pid, 'SIGKILL'), 100);
    await Promise.all(pending.map((answer) => expectError(answer, 'samplerGone', /gone/)));
    assert.match((await losses[0]!).detail, /SIGKILL/); // the one that started it knows how it ended
    await Promise.all([...losses, ...returns]);
    assert.equal(new Set(clients.map((client) => client.pid)).size, 1);
    assert.notEqual(clients[0]!.pid, pid);
    await Promise.all(clients.map((client) => client.fill(fill)));
  });

  it('takes over the lock of a dead process, of a stranger with its number, and a damaged one', async () => {
    const first = join();
    await first.load(loadParams(inFolder));
    const file = lockFile()!;
    const dead = await lock();
    process.kill(dead.pid, 'SIGKILL');
    await first.dispose();
    const stale = [
      JSON.stringify(dead),
      JSON.stringify({ ...dead, pid: process.pid, start: '1' }),
      JSON.stringify(dead).slice(0, 40),
      '',
    ];
    for (const text of stale) {
      writeFileSync(file, text);
      const client = join();
      await client.load(loadParams(inFolder));
      assert.equal((await lock()).pid, client.pid);
      const { pid } = client;
      await client.dispose();
      await until('it has ended', () => !isAlive(pid!));
    }
    // The socket of the one that was killed went with the next start.
    assert.deepEqual(
      meeting.files().filter((name) => name.endsWith('.sock')),
      [],
    );
  });

  it('shows lock and socket to its user alone, and nothing of the token but to him', async () => {
    await join().load(loadParams(inFolder));
    const mode = (file: string) => statSync(file).mode & 0o777;
    assert.equal(mode(meeting.folder), 0o700);
    assert.equal(mode(lockFile()!), 0o600);
    assert.equal(mode((await lock()).address), 0o600);
    const { token } = await lock();
    for (const name of meeting.files().filter((file) => file.endsWith('.err'))) {
      assert.ok(!readFileSync(path.join(meeting.folder, name), 'utf8').includes(token));
    }
  });

  it('does not meet in a folder that others may enter, whatever lies there', async () => {
    chmodSync(meeting.folder, 0o755);
    try {
      await assert.rejects(join().load(loadParams(inFolder)), /may be entered by other users/);
    } finally {
      chmodSync(meeting.folder, 0o700);
    }
  });

  it('lets nobody in who does not know the token, and goes on', async () => {
    const client = join();
    await client.load(loadParams(inFolder));
    const { address } = await lock();
    const tries = [
      'lacuna 00\n',
      `lacuna ${'0'.repeat(64)}\n${'0'.repeat(64)}\n`,
      'Content-Length: 2\r\n\r\n{}',
      'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
      '\0'.repeat(5000),
    ];
    for (const text of tries) {
      const socket = net.connect({ path: address });
      socket.on('error', () => {});
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      socket.write(text);
      await once(socket, 'close');
      assert.doesNotMatch(answer, /ok|jsonrpc/, text.slice(0, 20));
    }
    await client.fill(fill);
    assert.equal((await client.processStatus()).clients.length, 1);
  });

  it('is another one for another version', async () => {
    const one = join();
    const other = newClient({ transport: meeting.transport({ version: '0.0.1-test' }) });
    await Promise.all([one.load(loadParams(inFolder)), other.load(loadParams(inFolder))]);
    assert.notEqual(one.pid, other.pid);
    assert.equal(meeting.files().filter((name) => name.endsWith('.lock')).length, 2);
  });

  it('keeps a model for each window that wants another, and drops it with its last user', async () => {
    await writeTinyModel(inFolder('second'), { seed: 7 });
    const [one, other] = [join(), join()];
    const second = { ...loadParams(inFolder), modelDir: inFolder('second') };
    await Promise.all([one.load(loadParams(inFolder)), other.load(second)]);
    assert.notEqual(one.status.model!.dir, other.status.model!.dir);
    await Promise.all([one.fill(fill), other.fill(fill)]);
    assert.equal((await one.processStatus()).models.length, 2);
    await other.load(loadParams(inFolder));
    const { models } = await one.processStatus();
    assert.deepEqual(
      models.map(({ users }) => users),
      [2],
    );
  });

  it('is replaced for all windows by a restart from one', async () => {
    const [one, other] = [join(), join()];
    await Promise.all([one.load(loadParams(inFolder)), other.load(loadParams(inFolder))]);
    const before = one.pid;
    const restarting = reached(other, 'restarting');
    const back = reached(other, 'ready');
    await one.restart();
    assert.match((await restarting).detail, /restarted from test/);
    await back;
    assert.notEqual(one.pid, before);
    assert.equal(other.pid, one.pid);
    await other.fill(fill);
  });

  it('stays down for all windows when one stops it, until one asks for it', async () => {
    const [one, other] = [join(), join()];
    await Promise.all([one.load(loadParams(inFolder)), other.load(loadParams(inFolder))]);
    const pid = one.pid!;
    const stopped = reached(other, 'stopped');
    await one.stop();
    assert.match((await stopped).detail, /stopped from test/);
    await until('it has ended', () => !isAlive(pid));
    await expectError(other.fill(fill), 'samplerGone', /stopped/);
    await expectError(one.fill(fill), 'samplerGone', /stopped/);
    await other.restart();
    await other.fill(fill);
    assert.equal(one.status.state, 'stopped');
  });

  it('is killed when it hangs, and started again', async () => {
    const heartbeat = { everyMs: 100, patienceMs: 500 };
    const client = newClient({ transport: meeting.transport(), heartbeat });
    await client.load(loadParams(inFolder));
    const pid = client.pid!;
    const restarting = reached(client, 'restarting');
    const back = reached(client, 'ready');
    process.kill(pid, 'SIGSTOP');
    await expectError(client.fill(fill), 'samplerGone', /did not answer/);
    assert.match((await restarting).detail, /did not answer/);
    await back;
    assert.ok(!isAlive(pid));
    await client.fill(fill);
  });

  it('gives way to a private one where it cannot be, and the log says why', async () => {
    const log: LogMessage[] = [];
    const link = path.join(meeting.folder, 'link');
    symlinkSync(meeting.folder, link);
    for (const folder of [link, '/proc/none', path.join(meeting.folder, 'x'.repeat(120))]) {
      log.length = 0;
      const transport = new FallbackTransport(
        meeting.transport({ folder }),
        new StdioTransport({ serverFile }),
      );
      const client = newClient({ transport, onLog: (message) => log.push(message) });
      await client.load(loadParams(inFolder));
      await client.fill(fill);
      assert.equal((await client.processStatus()).isShared, false);
      assert.match(log[0]!.text, /^A process of its own for this window: /);
    }
  });

  it('is not started by those who only look for it', async () => {
    const client = newClient({ transport: meeting.transport({ mayStart: false }) });
    await expectError(client.load(loadParams(inFolder)), 'samplerGone', /no shared/);
    assert.deepEqual(meeting.files(), []);
    await join().load(loadParams(inFolder));
    await client.load(loadParams(inFolder));
  });
});
