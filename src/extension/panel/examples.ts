/**
 * Examples that stand before a conversation, as the settings name them, and what a model of each kind reads of
 * them: turns of its own for one that reads turns, a text before the question for one that reads one at a
 * time. Pure.
 */
import type { ChatKind, ChatMessage } from '../../protocol/chatMessages';

export interface Example {
  readonly question: string;
  readonly answer: string;
}

/** What is no pair of texts is left out. */
export function readExamples(setting: unknown): Example[] {
  const all: readonly unknown[] = Array.isArray(setting) ? setting : [];
  return all.flatMap((one) => {
    const { question, answer } = (one ?? {}) as Partial<Record<keyof Example, unknown>>;
    if (typeof question !== 'string' || typeof answer !== 'string') return [];
    return question.trim() === '' || answer.trim() === '' ? [] : [{ question, answer }];
  });
}

export function withExamples(
  messages: readonly ChatMessage[],
  examples: readonly Example[],
  kind: ChatKind,
): readonly ChatMessage[] {
  const last = messages.at(-1);
  if (examples.length === 0 || !last) return messages;
  if (kind === 'template') {
    const turns = examples.flatMap(({ question, answer }): ChatMessage[] => [
      { role: 'user', content: question },
      { role: 'assistant', content: answer },
    ]);
    return [...turns, ...messages];
  }
  const shots = examples.map(({ question, answer }) => `${question}\n${answer}`);
  const content = [...shots, last.content].join('\n\n');
  return [...messages.slice(0, -1), { ...last, content }];
}
