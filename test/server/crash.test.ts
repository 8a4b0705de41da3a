/** What happens when the sampler process dies, and when its client does. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { StdioTransport } from '../../src/client/stdioTransport';
import { expectError } from '../support/expectError';
import { loadParams, reached, serverFile, useClients, useTinyModel } from './tinyModel';

describe('a dead sampler process', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();
  const fill = { parts: [{ text: 'x = ' }, { gap: { length: 2 } }] };
  const longFill = {
    parts: [{ text: 'x = ' }, { gap: { length: 900 } }],
    sampling: { sampler: 'even', steps: 900 },
  } as const;

  it('rejects what is pending with the reason, comes back and reloads', async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    const pid = client.pid!;
    const restarting = reached(client, 'restarting');
    const back = reached(client, 'ready');
    const pending = client.fill(longFill, { onStep: () => process.kill(pid, 'SIGKILL') });
    await expectError(pending, 'samplerGone', /SIGKILL/);
    assert.match((await restarting).detail, /SIGKILL/);
    assert.equal((await back).model?.dir.startsWith(inFolder('cache')), true);
    assert.notEqual(client.pid, pid);
    await client.fill(fill);
  });

  it('is waited for by fills that come during the restart', async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    const restarting = reached(client, 'restarting');
    process.kill(client.pid!, 'SIGKILL');
    await restarting;
    await client.fill(fill);
  });

  it('stays down after too many crashes and says so', async () => {
    const client = newClient(); // gives up at the third
    await client.load(loadParams(inFolder));
    const failed = reached(client, 'failed');
    client.onStatus(({ state }) => state === 'ready' && process.kill(client.pid!, 'SIGKILL'));
    process.kill(client.pid!, 'SIGKILL');
    assert.match((await failed).detail, /SIGKILL.*stays down because it ended 3 times/);
    await expectError(client.fill(fill), 'samplerGone', /stays down/);
  });

  it('comes back when it is asked to', async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    const pid = client.pid;
    await client.restart();
    assert.notEqual(client.pid, pid);
    assert.equal(client.status.state, 'ready');
    await client.fill(fill);
  });

  it('that never started says why', async () => {
    const client = newClient({
      transport: new StdioTransport({ serverFile: inFolder('none.js') }),
    });
    await expectError(client.load(loadParams(inFolder)), 'samplerGone', /exit code 1/);
    assert.equal(client.status.state, 'failed');
  });

  it('is gone after dispose, which may be called twice', async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    const pid = client.pid!;
    const pending = client.fill(longFill);
    const closing = expectError(pending, 'samplerGone', /closing/);
    await Promise.all([client.dispose(), client.dispose()]);
    await closing;
    assert.throws(() => process.kill(pid, 0), /ESRCH/);
    assert.equal(client.status.state, 'stopped');
    await expectError(client.fill(fill), 'samplerGone', /closing/);
  });

  it('does not outlive a client that was killed', async () => {
    const host = spawn(process.execPath, ['-e', hostProgram, serverFile]);
    const [line] = (await once(host.stdout, 'data')) as [Buffer];
    const pid = Number(line);
    process.kill(pid, 0);
    host.kill('SIGKILL');
    const deadline = Date.now() + 5000;
    while (isAlive(pid) && Date.now() < deadline) await new Promise((r) => setTimeout(r, 20));
    assert.equal(isAlive(pid), false);
  });
});

/** Starts the server as the client does and tells its pid. */
const hostProgram = `
  const { spawn } = require('node:child_process');
  const server = spawn(process.execPath, [process.argv[1]], { stdio: 'pipe' });
  console.log(server.pid);
  setInterval(() => {}, 1000);
`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
