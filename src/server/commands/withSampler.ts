/**
 * Lends a command something that fills and scores: a team's server where one is named, else the process
 * that the editor's windows share, where one runs, else an engine in this process. A command starts no
 * shared process: it would be gone again before anybody else came. Commands that need more of an engine
 * use withEngine.ts.
 */
import path from 'node:path';
import type { Command } from 'commander';
import { version } from '../../../package.json';
import { SamplerClient } from '../../client/samplerClient';
import { ServerTransport } from '../../client/serverTransport';
import { SharedTransport } from '../../client/sharedTransport';
import { LacunaError } from '../../protocol/errors';
import { servedModel, type LoadParams, type ModelInfo } from '../../protocol/messages';
import { pingRequest } from '../../protocol/processMessages';
import { runtimeFolder } from '../../rendezvous/folder';
import type { Engine } from '../engine';
import { tokenVariable } from '../http/tokens';
import type { Console } from './console';
import { progressBar } from './progressBar';
import type { ModelFlags } from './samplingFlags';
import { modelDirOf, withEngine } from './withEngine';

export type Sampler = Pick<Engine, 'fill' | 'score'>;

export interface SamplerFlags extends ModelFlags {
  readonly ownProcess?: boolean | undefined;
}

export const serverVariable = 'LACUNA_SERVER';

export function addSamplerFlags(command: Command): Command {
  return command.option('--own-process', 'leave the process that the windows share alone');
}

export async function withSampler<T>(
  flags: SamplerFlags,
  console: Console,
  work: (sampler: Sampler, info: ModelInfo) => Promise<T>,
): Promise<T> {
  const address = flags.server ?? (flags.model === undefined && console.env[serverVariable]);
  if (address && flags.model !== undefined) throw serverOrModel();
  const client = address
    ? ofServer(address, flags, console)
    : flags.ownProcess === true
      ? undefined
      : await findShared(flags, console);
  if (client === undefined) return withEngine(flags, console, work);
  try {
    const { model, device } = flags;
    const wish: LoadParams = address
      ? { modelDir: servedModel, device: 'auto' }
      : { modelDir: path.resolve(await modelDirOf(model, console.env)), device };
    const info = await load(client, wish, console);
    if (address && flags.verbose === true) {
      console.err.write(`${address} serves ${info.name} (${info.weights}) on ${info.device}\n`);
    }
    return await work(samplerOf(client), info);
  } finally {
    await client.dispose();
  }
}

function ofServer(address: string, { verbose }: SamplerFlags, console: Console): SamplerClient {
  return new SamplerClient({
    transport: new ServerTransport({
      address,
      token: async () => console.env[tokenVariable]?.trim(),
      tokenAdvice: `Put the token of the server into the variable ${tokenVariable}`,
    }),
    clientName: `lacuna ${version}`,
    ...(verbose === true && {
      onLog: ({ text }: { text: string }) => void console.err.write(`${text}\n`),
    }),
  });
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

async function load(client: SamplerClient, wish: LoadParams, console: Console): Promise<ModelInfo> {
  const bar = progressBar(console, 'Loading');
  try {
    return await client.load(wish, {
      signal: console.signal,
      onProgress: ({ stage, fraction }) => bar.update(fraction, stage),
    });
  } finally {
    bar.stop();
  }
}

/** Turns are taken in the other process; a connection reports a score's progress as a message. */
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

function serverOrModel(): LacunaError {
  return new LacunaError('badUsage', {
    doing: 'Cannot choose a model',
    found: '--server and --model were both given, and a server has a model of its own',
    advice: 'Leave one of them out',
  });
}
