/**
 * Whether the loaded model may be offered as a model to chat with, and what it says of itself. A model
 * that fills gaps is none: only one that was tuned to converse is offered, and it says how much of a
 * conversation it reads. Pure.
 */
import type { ModelInfo } from '../../protocol/messages';
import { t } from '../l10n';

export interface Offer {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  readonly tooltip: string;
  /** Tokens. */
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
}

/** Longer answers would take minutes on a processor; the panel asks for no more either. */
const mostAnswerTokens = 256;

/** The offer, or the reason why there is none. */
export function offerOf(model: ModelInfo | undefined): Offer | { readonly reason: string } {
  if (!model) return { reason: t('no model is loaded') };
  const { name, chat, maxTokens } = model;
  if (chat === undefined) {
    return { reason: t('{0} fills gaps and was not tuned to converse', name) };
  }
  const maxOutputTokens = Math.min(mostAnswerTokens, Math.floor(maxTokens / 2));
  return {
    id: name,
    name: t('{0} (local diffusion)', name),
    detail: t('answers on this machine'),
    tooltip:
      chat === 'sep'
        ? t('Reads one question at a time: earlier messages are not sent. It calls no tools.')
        : t('Answers in a conversation of several turns. It calls no tools.'),
    maxInputTokens: maxTokens - maxOutputTokens,
    maxOutputTokens,
  };
}
