/**
 * No library phones home or writes where it has no business: every process that loads ONNX Runtime runs under an
 * empty home folder, without the variable that marks a CI run, and leaves nothing but the cache of models.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StdioTransport } from '../../src/client/stdioTransport';
import { SamplerClient } from '../../src/client/samplerClient';
import { cliFile, serverFile, useTinyModel } from './tinyModel';

/** Below the home folder: our own cache, and what Node itself may write. */
const allowed = [/^\.cache$/, /^\.cache\/lacuna(\/|$)/, /^\.local(\/share|\/state)?$/];
const hasStrace = spawnSync('strace', ['-V']).status === 0;

describe('libraries keep quiet', function () {
  this.timeout(120_000);
  const inFolder = useTinyModel();
  let home: string;
  let work: string;
  let kept: NodeJS.ProcessEnv;

  beforeEach(() => {
    home = mkdtempSync(path.join(os.tmpdir(), 'lacuna-home-'));
    work = path.join(home, '..', `${path.basename(home)}-work`);
    mkdirSync(work);
    kept = { ...process.env };
  });
  afterEach(() => {
    process.env = kept;
    for (const folder of [home, work]) rmSync(folder, { recursive: true, force: true });
  });

  /** What a user's process has, and what a hostile shell might say of telemetry. */
  function userEnvironment(): NodeJS.ProcessEnv {
    const names = ['CI', 'GITHUB_ACTIONS', 'TF_BUILD', 'XDG_CACHE_HOME', 'XDG_RUNTIME_DIR'];
    const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, USERPROFILE: home };
    for (const name of names) delete env[name];
    return {
      ...env,
      ORT_DISABLE_TELEMETRY: '0',
      LACUNA_MODEL: inFolder('model'),
      LACUNA_TOKEN: 'test-token-0123456789',
    };
  }

  function leftBehind(): string[] {
    const below = (folder: string) =>
      (readdirSync(folder, { recursive: true }) as string[]).map((name) =>
        name.replaceAll(path.sep, '/'),
      );
    const ours = (name: string) => allowed.some((rule) => rule.test(name));
    return [...below(home).filter((name) => !ours(name)), ...below(work)];
  }

  /** Its output; ends after `endAfter` was printed, or by itself. */
  function run(
    command: string,
    args: readonly string[],
    endAfter?: RegExp,
  ): Promise<{ out: string; code: number | null }> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, [...args], { env: userEnvironment(), cwd: work });
      let out = '';
      const hear = (text: string) => {
        out += text;
        // The library begins to write some time after it was loaded.
        if (endAfter?.test(text)) setTimeout(() => child.kill('SIGTERM'), 1500);
      };
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      child.once('error', reject);
      child.once('close', (code) => resolve({ out, code }));
    });
  }

  const fill = () => [cliFile, 'fill', inFolder('a.py:1:5'), '--length', '2', '--device', 'cpu'];
  beforeEach(() => writeFileSync(inFolder('a.py'), 'x = \ny = 2\n'));

  it('the command line', async () => {
    const { out, code } = await run(process.execPath, fill());
    assert.equal(code, 0, out);
    assert.deepEqual(leftBehind(), []);
  });

  it('lacuna serve', async () => {
    const args = [cliFile, 'serve', '--device', 'cpu', '--port', '0'];
    const { out } = await run(process.execPath, args, / at https?:\/\//);
    assert.match(out, / at https?:\/\//);
    assert.deepEqual(leftBehind(), []);
  });

  it('the sampler process', async () => {
    process.env = userEnvironment();
    const client = new SamplerClient({
      transport: new StdioTransport({ serverFile }),
      clientName: 'test',
    });
    try {
      await client.load({ modelDir: inFolder('model'), device: 'cpu' });
      const parts = [{ text: 'x = ' }, { gap: { length: 2 } }, { text: '\n' }];
      await client.fill({ parts });
    } finally {
      await client.dispose();
    }
    assert.deepEqual(leftBehind(), []);
  });

  it('the trial of a GPU', async () => {
    const { code } = await run(process.execPath, [cliFile, 'convert', inFolder('model'), '--out', inFolder('ready')]); // prettier-ignore
    assert.equal(code, 0);
    const request = JSON.stringify({ device: 'cpu', wish: 'cpu', threads: 1 });
    const trial = path.resolve('dist/tryDevice.js');
    const { out } = await run(process.execPath, [trial, inFolder('ready'), request]);
    assert.match(out, /"notes"/);
    assert.deepEqual(leftBehind(), []);
  });

  it('asks for no address', async function () {
    if (!hasStrace) this.skip();
    const log = path.join(home, '..', `${path.basename(home)}-calls`);
    const traced = ['-f', '-qq', '-e', 'trace=connect,sendto,sendmsg', '-o', log];
    const { out, code } = await run('strace', [...traced, process.execPath, ...fill()]);
    assert.equal(code, 0, out);
    const asked = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => /AF_INET6?\b/.test(line));
    rmSync(log);
    assert.deepEqual(asked, []);
  });
});
