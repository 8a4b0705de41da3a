/**
 * Fills in the form of OpenAI's completions: whole, or in pieces as far as the text from the left is
 * settled. A masked model commits in any order; a piece that went out cannot be taken back, so only what
 * stands without a gap before it goes. Pure.
 */
import type { Fill, FillResult, FillStep } from '../../protocol/messages';
import type { Completion } from './completionParams';

export interface Choice {
  readonly text: string;
  readonly index: number;
  readonly logprobs: LogProbs | null;
  readonly finish_reason: 'stop' | 'length' | null;
}
interface LogProbs {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly number[];
  /** Other tokens are not told: see /v1/score. */
  readonly top_logprobs: null;
  readonly text_offset: readonly number[];
}
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** The first answer and those that differ from it; fewer than `n` where no more did. */
export function choicesOf(result: FillResult, completion: Completion): Choice[] {
  const answers = [result.fills, ...(result.alternatives ?? [])];
  return answers.map((fills, index) => choiceOf(fills[0]!, index, completion));
}

function choiceOf(fill: Fill, index: number, { stop, maxTokens, logprobs }: Completion): Choice {
  const text = untilStop(fill.text, stop);
  const isFull = maxTokens !== undefined && fill.tokens.length >= maxTokens;
  return {
    text,
    index,
    logprobs: logprobs ? logProbsOf(fill, text.length) : null,
    finish_reason: isFull && text === fill.text ? 'length' : 'stop',
  };
}

export function untilStop(text: string, stop: readonly string[]): string {
  const ends = stop.map((mark) => text.indexOf(mark)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}

function logProbsOf({ tokens }: Fill, end: number): LogProbs {
  let offset = 0;
  const placed = tokens.map(({ text, confidence }) => {
    const start = offset;
    offset += text.length;
    return { text, start, logprob: Math.log(Math.max(1e-12, Math.min(1, confidence))) };
  });
  const shown = placed.filter(({ start }) => start < end);
  return {
    tokens: shown.map(({ text }) => text),
    token_logprobs: shown.map(({ logprob }) => logprob),
    top_logprobs: null,
    text_offset: shown.map(({ start }) => start),
  };
}

export function usageOf(promptTokens: number, result: FillResult): Usage {
  const answers = [result.fills, ...(result.alternatives ?? [])];
  const written = answers.reduce((sum, fills) => sum + fills[0]!.tokens.length, 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: written,
    total_tokens: promptTokens + written,
  };
}

/** The text of the first gap as far as no mask stands before it. */
export function settledText({ gaps }: FillStep): string {
  const tokens = gaps[0] ?? [];
  const masked = tokens.findIndex(({ text }) => text === undefined);
  const text = (masked < 0 ? tokens : tokens.slice(0, masked)).map((token) => token.text).join('');
  // Half a character is decoded as a mark of its own, and becomes another one later.
  const broken = text.indexOf('\ufffd');
  return broken < 0 ? text : text.slice(0, broken);
}

/** Hands out what is new of a text that only grows. */
export class SettledPieces {
  #sent = '';
  readonly #stop: readonly string[];

  constructor(stop: readonly string[]) {
    this.#stop = stop;
  }

  /** What may go out now of a text that may still grow: nothing that could begin a stop mark. */
  next(text: string): string {
    const longest = Math.max(0, ...this.#stop.map((mark) => mark.length - 1));
    const ended = untilStop(text, this.#stop);
    const safe = ended.length < text.length ? ended : text.slice(0, text.length - longest);
    return this.#piece(safe);
  }

  /** The rest of the final text; undefined where what went out is not its beginning. */
  rest(text: string): string | undefined {
    return text.startsWith(this.#sent) ? this.#piece(text) : undefined;
  }

  #piece(text: string): string {
    if (text.length <= this.#sent.length || !text.startsWith(this.#sent)) return '';
    const piece = text.slice(this.#sent.length);
    this.#sent = text;
    return piece;
  }
}
