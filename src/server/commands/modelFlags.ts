/**
 * The flags that the `lacuna model` commands share: where models are kept, what they should fit, and
 * how the network is reached.
 */
import path from 'node:path';
import { Command } from 'commander';
import { userModelsDir } from '../../hub/shelf';
import type { WeightFormat } from '../../protocol/messages';
import type { FitWish, NetworkWish } from '../../protocol/modelMessages';
import type { Console } from './console';

export interface ShelfFlags {
  readonly modelsDir?: string;
  readonly weights?: WeightFormat;
  readonly window?: number;
}

export function addShelfFlags(command: Command): Command {
  return command
    .option('--models-dir <dir>', 'where models are kept (default: LACUNA_MODELS, else user data)')
    .option('--verbose', 'show stack traces');
}

export function modelsDirOf({ modelsDir }: ShelfFlags, { env }: Pick<Console, 'env'>): string {
  return modelsDir === undefined ? userModelsDir(env) : path.resolve(modelsDir);
}

export function shelfOf(flags: ShelfFlags, console: Console): FitWish & { modelsDir: string } {
  const { weights, window } = flags;
  return {
    modelsDir: modelsDirOf(flags, console),
    ...(weights !== undefined && { weights }),
    ...(window !== undefined && { window }),
  };
}

/** What is not said is taken from the environment. */
export function networkOf(flags: {
  readonly endpoint?: string;
  readonly proxy?: string;
}): NetworkWish {
  const { endpoint, proxy } = flags;
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(proxy !== undefined && { proxy }),
  };
}
