/**
 * The flags that several commands share, and the parsers of their values: which model, on what
 * device, with which sampler. A value that makes no sense ends in commander's usage error.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import type {
  DeviceWish,
  LengthPolicyName,
  SamplerName,
  SamplingOptions,
} from '../../protocol/messages';
import { lengthPolicyNames, samplerNames, variantRanks } from '../fillParams';
import { deviceNames } from '../loadParams';

export interface ModelFlags {
  readonly model?: string;
  /** Address of a team's server, for the commands that can use one. */
  readonly server?: string;
  readonly device: DeviceWish;
  readonly url?: string;
  readonly verbose?: boolean;
}

export interface SamplingFlags {
  readonly steps?: number;
  readonly sampler?: SamplerName;
  readonly factor?: number;
  readonly threshold?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly refresh?: number;
  readonly lengthPolicy?: LengthPolicyName;
  readonly constrain?: boolean;
}

export function addModelFlags(command: Command): Command {
  return command
    .option(
      '--model <dir>',
      'name or folder of a model, or a checkpoint (default: the shipped one)',
    )
    .addOption(
      new Option('--device <name>', 'where the model runs').choices(deviceNames).default('auto'),
    )
    .option('--url <address>', 'of the model server, with --device oip')
    .option('--verbose', 'log what happens, show stack traces');
}

/** For what a server can do as well. */
export function addServerFlag(command: Command): Command {
  return command.option(
    '--server <url>',
    'let a server do it, with the token in LACUNA_TOKEN (default: LACUNA_SERVER)',
  );
}

export function addSamplingFlags(command: Command): Command {
  return command
    .option('--steps <n>', 'denoise steps, for samplers with a schedule', integerFrom(1))
    .addOption(new Option('--sampler <name>', 'which tokens to commit').choices(samplerNames))
    .option('--factor <f>', 'the factor sampler: smaller commits fewer a step', parseNumber)
    .option(
      '--threshold <p>',
      'threshold and hierarchical: commit from this confidence',
      parseNumber,
    )
    .option('--temperature <t>', '0 takes the likeliest token', parseNumber)
    .option('--top-p <p>', 'share of the probability to sample from', parseNumber)
    .option('--seed <n>', 'seed for temperatures above 0', integerFrom(0))
    .option('--refresh <n>', 'tokens changed between full forwards; 1 is exact', integerFrom(1))
    .addOption(
      new Option(
        '--length-policy <name>',
        'how a length is found: as the model was trained to, or by a score of masked gaps',
      ).choices(lengthPolicyNames),
    )
    .option('--no-constrain', 'fill whatever brackets, blocks and names around a gap ask for');
}

/** Of several variants. */
export function rankOption(): Option {
  return new Option(
    '--rank <name>',
    'which variant is best: the surest, or what suits the text behind the gap as well',
  ).choices(variantRanks);
}

export function samplingOf(flags: SamplingFlags): SamplingOptions {
  const { steps, sampler, factor, threshold, temperature, topP, seed, refresh } = flags;
  const { lengthPolicy, constrain } = flags;
  return {
    ...(steps !== undefined && { steps }),
    ...(sampler !== undefined && { sampler }),
    ...(factor !== undefined && { factor }),
    ...(threshold !== undefined && { threshold }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(seed !== undefined && { seed }),
    ...(refresh !== undefined && { refreshEvery: refresh }),
    ...(lengthPolicy !== undefined && { lengthPolicy }),
    ...(constrain === false && { constrain }),
  };
}

export function integerFrom(
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text.trim()) && value >= least && value <= most) return value;
    const upTo = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
    throw new InvalidArgumentError(`It must be an integer from ${least}${upTo}.`);
  };
}

export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number.');
}

/** `auto` or a number of tokens. */
export function parseLength(text: string): number | 'auto' {
  if (text === 'auto') return 'auto';
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be "auto" or an integer from 1.');
}
