/**
 * The families of checkpoints that Lacuna runs: which graph and which reader each takes, and what none
 * of its files says but its authors' code does (whether row m-1 predicts token m, the canvas it was
 * adapted at, ids of last resort). Facts only; architectures.ts decides which family a folder is of.
 */
import type { SamplingOptions } from '../protocol/messages';
import type { Architecture, LengthPolicy } from './manifest';

export type FamilyName =
  | 'lacuna' // what our own training writes
  | 'diffugpt'
  | 'diffullama'
  | 'xlm-r' // seed 2, arXiv 2308.12219
  | 'dream' // Dream, Dream-Coder, DiffuCoder
  | 'dreamon'
  | 'open-dcoder'
  | 'llada'
  | 'a2d';

export interface Family {
  readonly name: FamilyName;
  readonly architecture: Architecture;
  /** Whose names the tensors and the fields of config.json have. */
  readonly layout: 'gpt2' | 'llama' | 'llada' | 'xlmr';
  /** Models adapted from autoregressive ones predict token m at row m-1; some unlearnt it. */
  readonly shift: boolean;
  /** Longest canvas, tokens, where the files promise more than the model was trained on. */
  readonly trainedTokens?: number;
  /** Mask of the published checkpoints, where a folder lacks the file that says so. */
  readonly maskId?: number;
  readonly lengthPolicy: LengthPolicy;
  readonly closesCanvas?: boolean;
  readonly sampling?: SamplingOptions;
  /** Ids of last resort, of a family with one vocabulary. */
  readonly specials?: { readonly bosId: number; readonly padId: number; readonly eosId: number };
  /** Of models that were published without naming it. */
  readonly expandId?: number;
}

const fromLlama = { architecture: 'llama', layout: 'llama', lengthPolicy: 'probed' } as const;

/**
 * DiffuLLaMA's config gives the 4096 positions of LLaMA 2 and Dream's the 131,072 of Qwen 2.5: both were
 * trained as diffusion models at 2048. Of the Qwen ones nothing longer is known either.
 */
export const families: Readonly<Record<FamilyName, Family>> = {
  lacuna: { name: 'lacuna', ...fromLlama, shift: true, trainedTokens: 2048 },
  diffugpt: {
    ...{ name: 'diffugpt', architecture: 'gpt2', layout: 'gpt2', shift: true },
    lengthPolicy: 'probed',
  },
  diffullama: { name: 'diffullama', ...fromLlama, shift: true, trainedTokens: 2048 },
  'xlm-r': {
    ...{ name: 'xlm-r', architecture: 'xlmr', layout: 'xlmr', shift: false, maskId: 250_001 },
    lengthPolicy: 'predicted',
    closesCanvas: true,
    // Its authors take 10 steps for answers and 50 for translations.
    sampling: { sampler: 'cosine-remask', steps: 10 },
    specials: { bosId: 0, padId: 1, eosId: 2 },
  },
  dream: { name: 'dream', ...fromLlama, shift: true, trainedTokens: 2048, maskId: 151_666 },
  dreamon: {
    ...{ name: 'dreamon', ...fromLlama, shift: true, trainedTokens: 2048, maskId: 151_666 },
    lengthPolicy: 'expand',
    closesCanvas: true,
    expandId: 151_667,
  },
  'open-dcoder': { name: 'open-dcoder', ...fromLlama, shift: true, trainedTokens: 2048 },
  llada: {
    ...{ name: 'llada', architecture: 'llama', layout: 'llada', shift: false },
    ...{ trainedTokens: 4096, maskId: 126_336, lengthPolicy: 'probed' },
  },
  a2d: { name: 'a2d', ...fromLlama, shift: false, trainedTokens: 2048 },
};
