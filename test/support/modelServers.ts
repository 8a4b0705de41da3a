/**
 * Starts real model servers over an exported graph: NVIDIA Triton, and KServe's own Python server. Each is
 * found and installed by test/bed; the suites get its command in the environment. Knows no request.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { OipServer } from './oipServer';

interface Start {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Commands with places for what is known here only; absent where there is no such server. */
export const realServers = {
  triton: process.env['TRITON_START'],
  kserve: process.env['KSERVE_START'],
};

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** @param folder a model of a repository. @param batchLog gets the size of each batch. */
export function startTriton(folder: string, batchLog: string): Promise<OipServer> {
  const config = path.join(folder, 'config.pbtxt');
  // This Triton has the Python backend only; all else of the configuration is as it was written.
  const text = readFileSync(config, 'utf8').replace('backend: "onnxruntime"', 'backend: "python"');
  writeFileSync(config, `${text}instance_group [ { kind: KIND_CPU } ]\n`);
  copyFileSync('test/support/tritonModel.py', path.join(folder, '1/model.py'));
  const places = { repository: path.dirname(folder) };
  return start(realServers.triton!, places, { LACUNA_BATCH_LOG: batchLog });
}

/** @param folder a model of a repository. */
export function startKserve(folder: string): Promise<OipServer> {
  return start(realServers.kserve!, { model: folder }, {});
}

async function start(
  command: string,
  places: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): Promise<OipServer> {
  const port = await freePort();
  const { program, args, env } = JSON.parse(command) as Start;
  const known: Readonly<Record<string, string>> = { ...places, port: `${port}` };
  const filled = args.map((arg) => arg.replace(/^\{(\w+)\}$/, (all, name) => known[name] ?? all));
  const child = spawn(program, filled, { env: { ...process.env, ...env, ...own } });
  let said = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  child.stdout.resume();
  const url = `http://127.0.0.1:${port}`;
  const isReady = () =>
    fetch(`${url}/v2/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${said.slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    close: () => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
      return ended;
    },
  };
}
