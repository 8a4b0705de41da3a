/**
 * A text model without weights for the sampler's tests: a byte-level tokenizer with a few words of
 * code, logits by a function, and short ways to write parts and ids.
 */
import type { Part } from '../../src/protocol/messages';
import type { InfillModel } from '../../src/sampler/infill';
import type { ModelTraits } from '../../src/sampler/traits';
import { createTokenizer } from '../../src/tokenizer/tokenizer';
import { byteTokenizer } from './byteTokenizer';
import { ToyDenoiser, type ToyLogits } from './toyDenoiser';

const specials = ['<|endoftext|>', '<|mask|>', '<|blank|>', '<|ts|>'];
const words = [
  ...['return', 'retu', ' width', ' * ', 'height', ';\n'],
  ...['------------', '--------', '----'],
];
export const made = byteTokenizer(words, specials);
export const tokenizer = createTokenizer(made.json, {});
export const maskId = made.idOf('<|mask|>');
export const blankId = made.idOf('<|blank|>');
export const { vocabSize } = made;

export const baseTraits: ModelTraits = {
  maskId,
  shift: true,
  maxTokens: 96,
  bosId: made.idOf('<|endoftext|>'),
  languageTokens: { typescript: made.idOf('<|ts|>') },
  blankLossWeight: 1,
  trainedOnCharacterCuts: true,
};

export function modelOf(
  logits: ToyLogits,
  traits: Partial<ModelTraits> = {},
): { model: InfillModel; denoiser: ToyDenoiser } {
  const maxTokens = traits.maxTokens ?? baseTraits.maxTokens;
  const denoiser = new ToyDenoiser(vocabSize, logits, maxTokens);
  return { denoiser, model: { denoiser, tokenizer, traits: { ...baseTraits, ...traits } } };
}

/** Wants `script[k]` at the k-th position after the last given token before the gap. */
export const scripted =
  (first: number, script: readonly number[]): ToyLogits =>
  (row) =>
    Array.from({ length: vocabSize }, (_, id) => (id === script[row + 1 - first] ? 9 : 0));

export const gap = (wish: object = {}): Part => ({ gap: { length: 'auto', ...wish } });
export const ids = (...contents: string[]) => contents.map((content) => made.idOf(content));
/** The ids of ASCII text in single bytes, where no word of the vocabulary is in it. */
export const spelled = (text: string) => [...text].map((character) => made.idOf(character));
