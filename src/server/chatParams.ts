/**
 * The guards for chat, count and preview requests: what came as JSON becomes typed params, or an error
 * that names the value. Knows no model: whether a prompt fits is the sampler's business.
 */
import type {
  ChatMessage,
  ChatParams,
  CountTokensParams,
  PreviewParams,
} from '../protocol/chatMessages';
import { mostCountedCharacters } from '../protocol/chatMessages';
import { LacunaError } from '../protocol/errors';
import { checkFillParams, checkSampling } from './fillParams';
import { Guard } from './guard';

/** Far above anything useful; keeps a slip from running for hours. */
const mostAnswerTokens = 8192;
const mostBlockTokens = 1024;
const roles = ['system', 'user', 'assistant'];

const guard = new Guard('Cannot answer');
const counting = new Guard('Cannot count tokens');
const previewing = new Guard('Cannot show what would be sent');

/** @throws LacunaError `badInput` for messages, `badUsage` for options. */
export function checkChatParams(params: unknown): ChatParams {
  const fields = guard.object(params, 'params', 'badInput');
  const messages = guard.list(fields.messages, 'messages', 'badInput').map(checkMessage);
  if (messages.at(-1)?.role !== 'user') {
    throw guard.wrong('badInput', 'messages', messages, "end with a message of the user's");
  }
  checkSize(
    messages.map(({ content }) => content),
    'Cannot answer',
  );
  guard.integer(fields.maxTokens, 'maxTokens', 1, mostAnswerTokens);
  guard.integer(fields.blockTokens, 'blockTokens', 1, mostBlockTokens);
  guard.string(fields.progressToken, 'progressToken');
  if (fields.sampling !== undefined) checkSampling(fields.sampling);
  if (fields.draft !== undefined) checkAnswerDraft(fields.draft);
  return { ...(params as ChatParams), messages };
}

/** @throws LacunaError `badInput`, also for more text than can be counted at once. */
export function checkCountTokensParams(params: unknown): CountTokensParams {
  const fields = counting.object(params, 'params', 'badInput');
  const texts = counting.list(fields.texts, 'texts', 'badInput').map((text, index) => {
    if (typeof text === 'string') return text;
    throw counting.wrong('badInput', `texts[${index}]`, text, 'be a string');
  });
  checkSize(texts, 'Cannot count tokens');
  return { texts };
}

/** @throws LacunaError as the request it previews would. */
export function checkPreviewParams(params: unknown): PreviewParams {
  const fields = previewing.object(params, 'params', 'badInput');
  if (fields.chat !== undefined) return { chat: checkChatParams(fields.chat) };
  return { fill: checkFillParams(fields.fill) };
}

function checkMessage(message: unknown, index: number): ChatMessage {
  const name = `messages[${index}]`;
  const { role, content } = guard.object(message, name, 'badInput');
  if (typeof role !== 'string' || !roles.includes(role)) {
    throw guard.wrong('badInput', `${name}.role`, role, `be one of ${roles.join(', ')}`);
  }
  if (typeof content === 'string') return { role: role as ChatMessage['role'], content };
  throw guard.wrong('badInput', `${name}.content`, content, 'be a string');
}

function checkAnswerDraft(draft: unknown): void {
  const { text, strength } = guard.object(draft, 'draft', 'badInput');
  if (typeof text !== 'string') throw guard.wrong('badInput', 'draft.text', text, 'be a string');
  const isShare = (value: number) => value >= 0 && value <= 1;
  if (typeof strength !== 'number' || !isShare(strength)) {
    throw guard.wrong('badUsage', 'draft.strength', strength, 'be a number from 0 to 1');
  }
}

function checkSize(texts: readonly string[], doing: string): void {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  if (characters <= mostCountedCharacters) return;
  throw new LacunaError('badInput', {
    doing,
    found: `the text has ${characters} characters, and at most ${mostCountedCharacters} are read`,
    advice: 'Choose less text',
  });
}
