/**
 * A conversation as a value: questions, what went along with them, answers; and what sending, editing and
 * answering make of it. Pure; knows no editor, no page and no file.
 */
import type { ChatMessage } from '../../protocol/chatMessages';
import type { StepToken } from '../../protocol/messages';
import type { AnswerView, ChipKind, TurnView } from '../../protocol/panelMessages';
import { withContext } from './contextText';

/** What went along with a question, as the model read it. */
export interface ContextItem {
  readonly kind: ChipKind;
  readonly label: string;
  readonly languageId: string;
  readonly text: string;
  readonly tokens: number;
}
export interface Turn extends Omit<TurnView, 'context'> {
  readonly context: readonly ContextItem[];
  /** Milliseconds since 1970; of two versions of a turn the later one counts. */
  readonly changedMs: number;
}
export interface Conversation {
  readonly id: string;
  readonly turns: readonly Turn[];
  /** Ids of turns that an edited question replaced: another window may still have them. */
  readonly removed: readonly string[];
  readonly changedMs: number;
}

/** Shown for a mask that was never filled. */
export const hole = '▒';

const titleLength = 60;

export function titleOf({ turns }: Conversation): string {
  const line = (turns[0]?.question ?? '').trim().split('\n', 1)[0]!.trimEnd();
  return line.length > titleLength ? `${line.slice(0, titleLength - 1).trimEnd()}…` : line;
}

export function emptyConversation(id: string, nowMs: number): Conversation {
  return { id, turns: [], removed: [], changedMs: nowMs };
}

export function withTurn(conversation: Conversation, turn: Turn): Conversation {
  const { turns } = conversation;
  const isKnown = turns.some(({ id }) => id === turn.id);
  return {
    ...conversation,
    turns: isKnown ? turns.map((other) => (other.id === turn.id ? turn : other)) : [...turns, turn],
    changedMs: Math.max(conversation.changedMs, turn.changedMs),
  };
}

/** Without a turn and all that was said after it. */
export function cutBefore(conversation: Conversation, turn: string, nowMs: number): Conversation {
  const at = conversation.turns.findIndex(({ id }) => id === turn);
  if (at < 0) return conversation;
  const gone = conversation.turns.slice(at).map(({ id }) => id);
  return {
    ...conversation,
    turns: conversation.turns.slice(0, at),
    removed: [...conversation.removed, ...gone],
    changedMs: nowMs,
  };
}

/** What is said up to a turn's question; answers that came to nothing are not. */
export function messagesUpTo({ turns }: Conversation, turn: string): ChatMessage[] {
  const at = turns.findIndex(({ id }) => id === turn);
  return turns.slice(0, at + 1).flatMap((one, index): ChatMessage[] => {
    const asked: ChatMessage = { role: 'user', content: withContext(one.question, one.context) };
    if (index === at) return [asked];
    const { text, hasHoles } = one.answer;
    if (text.trim() === '' || hasHoles) return [];
    return [asked, { role: 'assistant', content: text }];
  });
}

/** What a window finds that was closed while an answer was being made. */
export function settled(conversation: Conversation, reason: string): Conversation {
  return {
    ...conversation,
    turns: conversation.turns.map((turn) =>
      turn.answer.state === 'denoising'
        ? { ...turn, answer: { ...turn.answer, state: 'stopped' as const, reason } }
        : turn,
    ),
  };
}

/** Two windows' versions of one conversation: every turn of both, the later version of each. */
export function merged(mine: Conversation, other: Conversation): Conversation {
  const removed = [...new Set([...mine.removed, ...other.removed])];
  const gone = new Set(removed);
  const theirs = new Map(other.turns.map((turn) => [turn.id, turn]));
  const own = mine.turns.map((turn) => {
    const also = theirs.get(turn.id);
    return also && also.changedMs > turn.changedMs ? also : turn;
  });
  const known = new Set(mine.turns.map(({ id }) => id));
  const turns = [...own, ...other.turns.filter(({ id }) => !known.has(id))];
  return {
    ...mine,
    removed,
    turns: turns.filter(({ id }) => !gone.has(id)),
    changedMs: Math.max(mine.changedMs, other.changedMs),
  };
}

/** The answer as far as it had come when it ended early. */
export function partialAnswer(tokens: readonly StepToken[]): Pick<AnswerView, 'text' | 'hasHoles'> {
  const last = tokens.findLastIndex(({ text }) => text !== undefined);
  const kept = tokens.slice(0, last + 1);
  return {
    text: kept.map(({ text }) => text ?? hole).join(''),
    hasHoles: kept.some(({ text }) => text === undefined),
  };
}
