/**
 * The families of checkpoints that Lacuna runs: which graph and which reader each takes, and what none
 * of its files says but its authors' code does (whether row m-1 predicts token m, the canvas it was
 * adapted at, ids of last resort). Facts only; architectures.ts decides which family a folder is of.
 */
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
  },
  dream: { name: 'dream', ...fromLlama, shift: true, trainedTokens: 2048, maskId: 151_666 },
  dreamon: {
    ...{ name: 'dreamon', ...fromLlama, shift: true, trainedTokens: 2048, maskId: 151_666 },
    lengthPolicy: 'expand',
  },
  'open-dcoder': { name: 'open-dcoder', ...fromLlama, shift: true, trainedTokens: 2048 },
  llada: {
    ...{ name: 'llada', architecture: 'llama', layout: 'llada', shift: false },
    ...{ trainedTokens: 4096, maskId: 126_336, lengthPolicy: 'probed' },
  },
  a2d: { name: 'a2d', ...fromLlama, shift: false, trainedTokens: 2048 },
};
