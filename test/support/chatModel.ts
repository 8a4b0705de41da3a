/**
 * A model without weights that converses: a byte-level tokenizer with ChatML's special tokens, logits
 * by a function. The templates are those of published checkpoints in their form, not their words.
 */
import type { ChatFormat } from '../../src/model/chatFormat';
import type { ChatModel } from '../../src/sampler/chat';
import type { ModelTraits } from '../../src/sampler/traits';
import { createTokenizer } from '../../src/tokenizer/tokenizer';
import { byteTokenizer } from './byteTokenizer';
import { ToyDenoiser, type ToyLogits } from './toyDenoiser';

export const chatSpecials = [
  '<|endoftext|>',
  '<|mask|>',
  '<|im_start|>',
  '<|im_end|>',
  '<|im_start|>x', // longer than another one that it begins with
];
const made = byteTokenizer(['user', 'assistant', 'system', 'answer', ' is'], chatSpecials);
export const chatVocabSize = made.vocabSize;
export const chatTokenizer = createTokenizer(made.json, {});
export const chatTokenizerJson = made.json;
export const chatId = made.idOf;

/** The form of Dream's and DiffuCoder's. */
export const chatMl =
  "{%- if messages[0]['role'] != 'system' %}{{- '<|im_start|>system\\nBe brief.<|im_end|>\\n' }}{%- endif %}" +
  "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>' + '\\n' }}{%- endfor %}" +
  "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}";
/** The form of LLaDA's: begins with the start token and ends a turn with a token of its own. */
export const headed =
  "{% for message in messages %}{% set content = '<|im_start|>' + message['role'] + '\\n\\n' + message['content'] | trim + '<|im_end|>' %}" +
  '{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}' +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n\\n' }}{% endif %}";

export const templateFormat: ChatFormat = {
  kind: 'template',
  template: chatMl,
  stopIds: [made.idOf('<|endoftext|>')],
};

export function chatModelOf(
  logits: ToyLogits,
  format: ChatFormat = templateFormat,
  traits: Partial<ModelTraits> = {},
): { model: ChatModel; denoiser: ToyDenoiser } {
  const maxTokens = traits.maxTokens ?? 256;
  const denoiser = new ToyDenoiser(chatVocabSize, logits, maxTokens);
  const own: ModelTraits = {
    maskId: made.idOf('<|mask|>'),
    shift: true,
    maxTokens,
    bosId: made.idOf('<|endoftext|>'),
    languageTokens: {},
    blankLossWeight: 1,
    trainedOnCharacterCuts: true,
    ...traits,
  };
  return { denoiser, model: { denoiser, tokenizer: chatTokenizer, traits: own, format } };
}

/** Wants `script[k]` k positions behind the prompt, `last` for ever after; sure, the left ones most. */
export const says =
  (promptTokens: number, script: readonly number[], last: number, shift = true): ToyLogits =>
  (row) => {
    const offset = row + (shift ? 1 : 0) - promptTokens;
    const wanted = offset < 0 ? -1 : (script[offset] ?? last);
    return Array.from({ length: chatVocabSize }, (_, id) => (id === wanted ? 20 - offset / 50 : 0));
  };
