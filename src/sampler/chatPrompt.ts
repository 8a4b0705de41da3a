/**
 * From messages to the ids that a conversation's answer follows. Which of the two ways a model was
 * tuned in is its chat format's to say; the oldest messages give way where there is no room for all. Knows
 * no family of models and no schedule.
 */
import type { ChatFormat } from '../model/chatFormat';
import { LacunaError } from '../protocol/errors';
import type { ChatMessage } from '../protocol/chatMessages';
import { ChatTemplate, type PromptPiece } from '../tokenizer/chatTemplate';
import { spellMaskId } from '../tokenizer/maskGuard';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { startOf } from './layout';
import type { ModelTraits } from './traits';

export interface ChatPrompt {
  readonly pieces: readonly ChatPiece[];
  readonly ids: readonly number[];
  /** Tokens after which the answer is over. */
  readonly stopIds: ReadonlySet<number>;
  readonly leftOutMessages: number;
}
export interface ChatPiece {
  readonly kind: 'text' | 'special';
  readonly text: string;
  readonly ids: readonly number[];
}

export interface PromptModel {
  readonly format: ChatFormat;
  readonly tokenizer: Tokenizer;
  readonly traits: ModelTraits;
}

/**
 * @param answerRoom tokens that must stay free behind the prompt.
 * @throws LacunaError `contextTooLong` where the last message alone leaves no such room.
 */
export function makePrompt(
  messages: readonly ChatMessage[],
  model: PromptModel,
  answerRoom: number,
): ChatPrompt {
  const { maxTokens } = model.traits;
  const write = model.format.kind === 'template' ? templateWriter(model) : sepWriter(model);
  const system = messages.filter(({ role }) => role === 'system');
  const said = messages.filter(({ role }) => role !== 'system');
  for (let from = 0; ; from = nextTurn(said, from)) {
    const written = write([...system, ...said.slice(from)]);
    const ids = written.pieces.flatMap((piece) => [...piece.ids]);
    if (ids.length + answerRoom <= maxTokens) {
      return { ...written, ids, leftOutMessages: from + written.unread };
    }
    if (nextTurn(said, from) >= said.length)
      throw tooLong(said.at(-1)!, ids.length, answerRoom, maxTokens);
  }
}

interface Written {
  readonly pieces: readonly ChatPiece[];
  readonly stopIds: ReadonlySet<number>;
  /** Messages that the form has no place for. */
  readonly unread: number;
}

function templateWriter({
  format,
  tokenizer,
  traits,
}: PromptModel): (m: readonly ChatMessage[]) => Written {
  if (format.kind !== 'template') throw new TypeError('a template is needed');
  const { specialTokens } = tokenizer;
  const template = new ChatTemplate(format.template, specialTokens.keys(), format);
  const endOfTurn = specialTokens.get(template.endOfTurn() ?? '');
  const stopIds = new Set([...format.stopIds, ...(endOfTurn === undefined ? [] : [endOfTurn])]);
  const idsOf = (piece: PromptPiece, index: number): ChatPiece => {
    if ('special' in piece) {
      return { kind: 'special', text: piece.special, ids: [specialTokens.get(piece.special)!] };
    }
    return textPiece(piece.text, index === 0 ? 'start' : 'middle', tokenizer, traits);
  };
  return (messages) => {
    const pieces = template.render(messages).map(idsOf);
    return { pieces, stopIds, unread: 0 };
  };
}

function sepWriter({
  format,
  tokenizer,
  traits,
}: PromptModel): (m: readonly ChatMessage[]) => Written {
  if (format.kind !== 'sep') throw new TypeError('a separator is needed');
  const special = (ids: readonly number[]): ChatPiece[] =>
    ids.length === 0 ? [] : [{ kind: 'special', text: ids.map((id) => `[${id}]`).join(''), ids }];
  const stopIds = new Set(format.stopIds);
  return (messages) => {
    const last = messages.at(-1)!;
    const pieces = [
      ...special(startOf(traits, undefined, tokenizer)),
      textPiece(last.content, 'start', tokenizer, traits),
      ...special(format.sepIds),
    ];
    return { pieces, stopIds, unread: messages.length - 1 };
  };
}

function textPiece(
  text: string,
  at: 'start' | 'middle',
  tokenizer: Tokenizer,
  { maskId }: ModelTraits,
): ChatPiece {
  return {
    kind: 'text',
    text,
    ids: [...spellMaskId(tokenizer.encode(text, at), maskId, tokenizer)],
  };
}

/** The next message of the user's: an answer without its question says nothing. */
function nextTurn(said: readonly ChatMessage[], from: number): number {
  const next = said.findIndex(({ role }, index) => index > from && role === 'user');
  return next < 0 ? said.length : next;
}

function tooLong(
  { content }: ChatMessage,
  tokens: number,
  answerRoom: number,
  maxTokens: number,
): LacunaError {
  const size = `${content.length} characters make a prompt of ${tokens} tokens`;
  return new LacunaError('contextTooLong', {
    doing: 'Cannot answer',
    found: `${size}, and the model holds ${maxTokens}, of which ${answerRoom} are for the answer`,
    advice: 'Shorten the question, or take some of the context away from it',
  });
}
