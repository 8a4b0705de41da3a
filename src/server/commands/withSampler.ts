/**
 * Where a command's fills are made: by a team's server where one is named, else by an engine in this
 * process. A command sees the same few functions either way.
 */
import { version } from '../../../package.json';
import { SamplerClient } from '../../client/samplerClient';
import { ServerTransport } from '../../client/serverTransport';
import { LacunaError } from '../../protocol/errors';
import { servedModel, type ModelInfo } from '../../protocol/messages';
import type { Engine } from '../engine';
import { tokenVariable } from '../http/tokens';
import type { Console } from './console';
import type { ModelFlags } from './samplingFlags';
import { withEngine } from './withEngine';

/** What a server does as well as an engine. */
export type CommandSampler = Pick<Engine, 'fill' | 'score'>;

export const serverVariable = 'LACUNA_SERVER';

export async function withSampler<T>(
  flags: ModelFlags,
  console: Console,
  work: (sampler: CommandSampler, info: ModelInfo) => Promise<T>,
): Promise<T> {
  const address = flags.server ?? (flags.model === undefined && console.env[serverVariable]);
  if (!address) return withEngine(flags, console, work);
  if (flags.model !== undefined) throw serverOrModel();
  const client = new SamplerClient({
    transport: new ServerTransport({
      address,
      token: async () => console.env[tokenVariable]?.trim(),
      tokenAdvice: `Put the token of the server into the variable ${tokenVariable}`,
    }),
    clientName: `lacuna ${version}`,
    ...(flags.verbose === true && {
      onLog: ({ text }: { text: string }) => void console.err.write(`${text}\n`),
    }),
  });
  try {
    const { signal } = console;
    const info = await client.load({ modelDir: servedModel, device: 'auto' }, { signal });
    if (flags.verbose === true) {
      console.err.write(`${address} serves ${info.name} (${info.weights}) on ${info.device}\n`);
    }
    return await work(samplerOf(client), info);
  } finally {
    await client.dispose();
  }
}

/** A connection reports a score's progress as a message, an engine as a number. */
function samplerOf(client: SamplerClient): CommandSampler {
  return {
    fill: (params, { signal, onStep } = {}) =>
      client.fill(params, { ...(signal && { signal }), ...(onStep && { onStep }) }),
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
