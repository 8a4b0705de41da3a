/**
 * Lends a command something that fills and scores: the process that the editor's windows share, where
 * one runs, else an engine in this process. A command starts no shared process: it would be gone again
 * before anybody else came. Commands that need more of an engine use withEngine.ts.
 */
import path from 'node:path';
import type { Command } from 'commander';
import { version } from '../../../package.json';
import { SamplerClient } from '../../client/samplerClient';
import { SharedTransport } from '../../client/sharedTransport';
import type { ModelInfo } from '../../protocol/messages';
import { pingRequest } from '../../protocol/processMessages';
import { runtimeFolder } from '../../rendezvous/folder';
import type { Engine } from '../engine';
import type { Console } from './console';
import { progressBar } from './progressBar';
import type { ModelFlags } from './samplingFlags';
import { modelDirOf, withEngine } from './withEngine';

export type Sampler = Pick<Engine, 'fill' | 'score'>;

export interface SamplerFlags extends ModelFlags {
  readonly ownProcess?: boolean;
}

export function addSamplerFlags(command: Command): Command {
  return command.option('--own-process', 'leave the process that the windows share alone');
}

export async function withSampler<T>(
  flags: SamplerFlags,
  console: Console,
  work: (sampler: Sampler, info: ModelInfo) => Promise<T>,
): Promise<T> {
  const client = flags.ownProcess === true ? undefined : await findShared(flags, console);
  if (client === undefined) return withEngine(flags, console, work);
  try {
    const info = await load(client, flags, console);
    return await work(samplerOf(client), info);
  } finally {
    await client.dispose();
  }
}

async function findShared(
  { verbose }: SamplerFlags,
  console: Console,
): Promise<SamplerClient | undefined> {
  const tell = (text: string) => verbose === true && console.err.write(`${text}\n`);
  const serverFile = path.join(__dirname, 'server.js');
  const folder = runtimeFolder(console.env);
  const transport = new SharedTransport({ serverFile, version, folder, mayStart: false });
  const client = new SamplerClient({ transport, clientName: 'lacuna command' });
  try {
    await client.ask(pingRequest, undefined, { doing: 'Cannot look for a sampler process' });
    tell(`Using the sampler process ${client.pid} of the editor`);
    return client;
  } catch (error) {
    tell(`Using a process of its own: ${String(error)}`);
    await client.dispose();
    return undefined;
  }
}

async function load(
  client: SamplerClient,
  flags: SamplerFlags,
  console: Console,
): Promise<ModelInfo> {
  const modelDir = path.resolve(await modelDirOf(flags.model, console.env));
  const bar = progressBar(console, 'Loading');
  try {
    return await client.load(
      { modelDir, device: flags.device },
      {
        signal: console.signal,
        onProgress: ({ stage, fraction }) => bar.update(fraction, stage),
      },
    );
  } finally {
    bar.stop();
  }
}

/** Turns are taken in the other process. */
function samplerOf(client: SamplerClient): Sampler {
  return {
    fill: async (params, { signal, onStep } = {}) => {
      const options = { ...(signal && { signal }), ...(onStep && { onStep }) };
      const { queueMs: _, ...result } = await client.fill(params, options);
      return result;
    },
    score: (params, { signal, onProgress } = {}) =>
      client.score(params, {
        ...(signal && { signal }),
        ...(onProgress && { onProgress: ({ fraction }) => onProgress(fraction) }),
      }),
  };
}
