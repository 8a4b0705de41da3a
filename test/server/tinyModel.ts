/**
 * A tiny random model with a tokenizer, as a checkpoint folder, and what the suites of this floor
 * start: the real dist/server.js through the real client, the real dist/cli.js.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { RestartPolicy } from '../../src/client/restartPolicy';
import {
  SamplerClient,
  type ClientOptions,
  type SamplerStatus,
} from '../../src/client/samplerClient';
import { StdioTransport } from '../../src/client/stdioTransport';
import type { LoadParams } from '../../src/protocol/messages';
import { byteTokenizer } from '../support/byteTokenizer';
import { writeTinyCheckpoint, type TinyOptions } from '../support/tinyCheckpoint';

export const serverFile = path.resolve('dist/server.js');
export const cliFile = path.resolve('dist/cli.js');

/** The mask is spelled as a user might spell it in a comment. */
export const maskText = '<|mask|>';

export async function writeTinyModel(dir: string, options: TinyOptions = {}): Promise<void> {
  const specials = ['<|endoftext|>', maskText];
  const { json, idOf, vocabSize } = byteTokenizer(['return', ' = ', '    ', 'self'], specials);
  const end = idOf('<|endoftext|>');
  await writeTinyCheckpoint(dir, {
    vocabSize,
    maxTokens: 1024,
    ...options,
    config: {
      mask_token_id: idOf(maskText),
      bos_token_id: end,
      eos_token_id: end,
      ...options.config,
    },
    files: { 'tokenizer.json': json, 'tokenizer_config.json': {}, ...options.files },
  });
}

/** Call inside `describe`: a folder with the tiny model in `model`, made once, gone afterwards. */
export function useTinyModel(options: TinyOptions = {}): (...names: string[]) => string {
  let folder = '';
  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-server-'));
    await writeTinyModel(path.join(folder, 'model'), options);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return (...names) => path.join(folder, ...names);
}

/** What a load of it says; conversions stay below the folder. */
export function loadParams(inFolder: (...names: string[]) => string): LoadParams {
  return { modelDir: inFolder('model'), device: 'cpu', cacheDir: inFolder('cache') };
}

/** Call inside `describe`: makes clients that end with their test and restart without waiting. */
export function useClients(): (options?: Partial<ClientOptions>) => SamplerClient {
  const clients: SamplerClient[] = [];
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.dispose()));
  });
  return (options = {}) => {
    const limits = { delaysMs: [10], mostCrashes: 3, windowMs: 60_000 };
    const client = new SamplerClient({
      transport: new StdioTransport({ serverFile }),
      clientName: 'test',
      restartPolicy: new RestartPolicy(limits),
      ...options,
    });
    clients.push(client);
    return client;
  };
}

export interface CliRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs dist/cli.js to its end. */
export function runCli(args: readonly string[], env: Record<string, string> = {}): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cliFile, ...args], { env: { ...process.env, ...env } });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

/** Resolves once the client says that state; to be called before what brings it about. */
export function reached(
  client: SamplerClient,
  state: SamplerStatus['state'],
): Promise<SamplerStatus> {
  return new Promise((resolve) => {
    const listener = client.onStatus((status) => {
      if (status.state !== state) return;
      listener.dispose();
      resolve(status);
    });
  });
}
