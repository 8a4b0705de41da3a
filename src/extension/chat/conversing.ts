/**
 * From a conversation of VS Code's to the sampler's request, and from the steps of an answer to what of it
 * can be handed on already: VS Code takes no word back, and masks fill in any order. Knows no editor and
 * no prompt format.
 */
import type { ChatMessage, ChatParams, ChatStep } from '../../protocol/chatMessages';
import type { SamplingOptions } from '../../protocol/messages';

/** Tokens that are denoised together; said in the request, so that finished blocks can be told. */
export const blockTokens = 32;

/** VS Code sends instructions and questions as messages of the user's one after the other; templates alternate. */
export function joinedMessages(messages: readonly ChatMessage[]): ChatMessage[] {
  const joined: ChatMessage[] = [];
  for (const message of messages) {
    if (message.content.trim() === '') continue;
    const before = joined.at(-1);
    if (before?.role !== message.role) joined.push(message);
    else {
      const content = `${before.content}\n\n${message.content}`;
      joined[joined.length - 1] = { ...before, content };
    }
  }
  return joined;
}

export function chatParams(
  messages: readonly ChatMessage[],
  maxTokens: number,
  sampling: SamplingOptions,
): ChatParams {
  return { messages: joinedMessages(messages), maxTokens, blockTokens, sampling };
}

/**
 * What cannot change any more: the blocks before the present one. A character may be cut where a block
 * ends, and white space at the end of an answer is no part of it, so both wait.
 */
export function settledText({ tokens }: Pick<ChatStep, 'tokens'>): string {
  const settled = Math.max(0, Math.floor((tokens.length - 1) / blockTokens)) * blockTokens;
  const text = tokens
    .slice(0, settled)
    .map((token) => token.text ?? '')
    .join('');
  return text.split('\ufffd', 1)[0]!.trim();
}
