/**
 * Three workers behind a real nginx with the configuration of deploy/nginx: one is killed and one drained
 * under load, and nobody who asks notices. Left out where nginx neither is nor can be installed.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { FillResult } from '../../src/protocol/messages';
import { testCertificate, testKey } from '../support/testCertificate';
import { ask, eventsOf, metric, testToken, useServe, type Served } from './serveProcess';
import { runCli, useTinyModel } from './tinyModel';

const nginx = process.env['NGINX_BIN'];

/** Some tens of milliseconds of work, and always the same answer. */
const fill = {
  parts: [{ text: 'x = ' }, { gap: { length: 24 } }, { text: '\nself' }],
  sampling: { sampler: 'even', steps: 8 },
};

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The shipped configuration with the suite's own workers, port and certificate. */
async function startNginx(folder: string, workers: readonly Served[]) {
  const port = await freePort();
  writeFileSync(path.join(folder, 'lacuna.crt'), testCertificate);
  writeFileSync(path.join(folder, 'lacuna.key'), testKey);
  let next = 0;
  const site = readFileSync('deploy/nginx/lacuna.conf', 'utf8')
    .replaceAll(/server 10\.0\.0\.\d+:8741/g, () => `server 127.0.0.1:${workers[next++]!.port}`)
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('server_name lacuna.example.org', 'server_name localhost')
    .replaceAll('/etc/nginx/lacuna', path.join(folder, 'lacuna'));
  assert.equal(next, 3);
  writeFileSync(path.join(folder, 'site.conf'), site);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  for (const name of temporary) mkdirSync(path.join(folder, name));
  const main = `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes 2; pid ${folder}/pid; error_log ${folder}/error.log warn;
    events { worker_connections 256; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      include ${folder}/site.conf;
    }`;
  writeFileSync(path.join(folder, 'nginx.conf'), main);
  const args = ['-p', folder, '-c', path.join(folder, 'nginx.conf'), '-e', `${folder}/error.log`];
  const child = spawn(nginx!, args, { stdio: 'inherit' });
  const url = `https://localhost:${port}`;
  for (let tries = 0; ; tries++) {
    const isUp = await ask(`${url}/readyz`, { ca: testCertificate }).catch(() => undefined);
    if (isUp?.status === 200) return { child, url };
    if (tries > 100) throw new Error(`nginx is not there: ${JSON.stringify(isUp)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function suite(): void {
  const inFolder = useTinyModel();
  const start = useServe();
  const workers: Served[] = [];
  let folder = '';
  let proxy: ChildProcess | undefined;
  let url = '';

  before(async () => {
    const flags = ['--behind-proxy', '--rate', '100000'];
    for (let i = 0; i < 3; i++) workers.push(await start(inFolder('model'), ...flags));
    folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-nginx-'));
    ({ child: proxy, url } = await startNginx(folder, workers));
  });
  after(async () => {
    if (proxy !== undefined) {
      const ended = new Promise((resolve) => proxy!.once('close', resolve));
      proxy.kill('SIGTERM');
      await ended;
    }
    if (folder !== '') rmSync(folder, { recursive: true, force: true });
  });

  const post = (body: unknown, onData?: (text: string) => void) =>
    ask(`${url}/v1/infill`, { body, ca: testCertificate, ...(onData && { onData }) });

  it('hands on each step as it is made', async () => {
    const at: number[] = [];
    const sampling = { sampler: 'even', steps: 100 };
    const slow = { parts: [{ gap: { length: 200 } }], sampling, stream: true };
    const { text } = await post(slow, () => at.push(performance.now()));
    assert.equal(eventsOf(text).at(-1)!.event, 'result');
    assert.ok(at.length > 20, `${at.length} pieces`);
    assert.ok(at.at(-1)! - at[0]! > 100, `${at.at(-1)! - at[0]!} ms`);
  });

  it('lets editors through to a socket, with TLS', async () => {
    writeFileSync(path.join(folder, 'a.py'), 'x = <fill>\n');
    const { code, out, err } = await runCli(
      ['fill', path.join(folder, 'a.py'), '--server', url, '--length', '4'],
      { LACUNA_TOKEN: testToken, NODE_EXTRA_CA_CERTS: path.join(folder, 'lacuna.crt') },
    );
    assert.equal(code, 0, err);
    assert.match(out, /^x = /);
  });

  it('shows no figures to the world', async () => {
    assert.equal((await ask(`${url}/metrics`, { ca: testCertificate })).status, 404);
  });

  it('tells the workers who asks', async () => {
    const { status } = await ask(`${url}/v1/models`, {
      ca: testCertificate,
      headers: { host: 'evil.example' },
    });
    assert.equal(status, 421); // nginx hands the name on, and the worker does not know it
  });

  it('loses no request when one is killed and one goes down', async () => {
    const total = 300;
    const expected = (JSON.parse((await post(fill)).text) as FillResult).fills[0]!.text;
    let asked = 0;
    let answered = 0;
    const failures: string[] = [];
    const load = async () => {
      while (asked < total) {
        asked++;
        if (asked === total / 3) workers[0]!.child.kill('SIGKILL');
        if (asked === (2 * total) / 3) workers[1]!.child.kill('SIGTERM');
        const answer = await post(fill).catch((error: Error) => ({
          status: 0,
          text: String(error),
        }));
        answered++;
        const isRight =
          answer.status === 200 &&
          (JSON.parse(answer.text) as FillResult).fills[0]!.text === expected;
        if (!isRight) failures.push(`${answer.status}: ${answer.text.slice(0, 200)}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, load));
    assert.deepEqual(failures, []);
    assert.equal(answered, total);
    assert.equal((await workers[1]!.ended).code, 0); // it went of its own accord
    const { text } = await ask(`${workers[2]!.url}/metrics`);
    assert.ok(metric(text, 'lacuna_request_seconds_count') > total / 4); // the last one did the rest
  });
}

// scripts/test.mjs says so where there is none.
if (nginx !== undefined) describe('workers behind nginx', suite);
