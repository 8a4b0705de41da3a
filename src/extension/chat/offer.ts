/**
 * Whether the loaded model may be offered as a model to chat with, and what it says of itself. A model
 * that fills gaps is none: only one that was tuned to converse is offered, and it says that
 * it answers the last message alone. Pure.
 */
import type { FillParams, ModelInfo } from '../../protocol/messages';
import { t } from '../l10n';
import { readQuestion, type Question } from './question';
import { defaultMark, infillParams, type InfillWish } from './spans';

export interface Offer {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly tooltip: string;
  /** Tokens. */
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
}

/** The offer, or the reason why there is none. */
export function offerOf(model: ModelInfo | undefined): Offer | { readonly reason: string } {
  if (!model) return { reason: t('no model is loaded') };
  const { name, chat, maxTokens } = model;
  if (chat === undefined) {
    return { reason: t('{0} fills gaps and was not tuned to converse', name) };
  }
  const half = Math.floor(maxTokens / 2);
  return {
    id: name,
    name: t('{0} (local infill)', name),
    detail: t('fills gaps on this machine'),
    tooltip: t(
      'An infill model: it fills the gaps marked {0} of the last message, or writes one text as that message says. It sees no earlier message and calls no tools.',
      defaultMark,
    ),
    maxInputTokens: half,
    maxOutputTokens: maxTokens - half,
  };
}

export interface ChatRequestParams {
  readonly params: FillParams;
  /** Present where the message had marked gaps. */
  readonly wish?: InfillWish;
}

/** What the last message of the user asks of the model. */
export function chatParams(lastMessage: string, { maxOutputTokens }: Offer): ChatRequestParams {
  const question = readQuestion(lastMessage);
  if (question) {
    const wish = wishOf(question);
    return { params: infillParams(wish), wish };
  }
  const gap = { length: 'auto', minLength: 1, maxLength: maxOutputTokens } as const;
  return { params: { parts: [{ gap }], instruction: lastMessage, priority: 'explicit' } };
}

export function wishOf(question: Question): InfillWish {
  return { ...question, mark: defaultMark };
}

/** For a model whose tokenizer is in another process: code has about three characters a token. */
export function estimatedTokens(text: string): number {
  return Math.ceil(text.length / 3);
}
