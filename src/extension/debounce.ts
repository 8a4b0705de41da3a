/**
 * How long an automatic request waits for the next key. Adapts to the user's rhythm and to how fast
 * the sampler answered lately, as Tabby does: a slow typist at the end of a line waits short, a
 * burst in the middle of a word waits long, and what the sampler takes anyway is taken off. Pure:
 * times are passed in.
 */

const rememberedKeys = 20;
const shortestPauseMs = 100;
/** A longer pause was thinking, and says nothing of the rhythm. */
const longestPauseMs = 400;
/** 350 ms is what Continue always waits; a local model is worth asking sooner, never later. */
const delayRangeMs = { least: 75, most: 350 };
/** Weight of the newest answer in the running mean of answer times. */
const latestWeight = 0.2;

export interface TypingPlace {
  readonly lineBefore: string;
  readonly restOfLine: string;
  readonly atDocumentEnd: boolean;
}

export class AdaptiveDebounce {
  readonly #pausesMs: number[] = [];
  #lastKeyMs: number | undefined;
  #meanAnswerMs = 0;

  typed(atMs: number): void {
    const pauseMs = atMs - (this.#lastKeyMs ?? -Infinity);
    if (pauseMs <= longestPauseMs) {
      this.#pausesMs.push(Math.max(pauseMs, shortestPauseMs));
      if (this.#pausesMs.length > rememberedKeys) this.#pausesMs.shift();
    }
    this.#lastKeyMs = atMs;
  }

  answered(latencyMs: number): void {
    this.#meanAnswerMs = this.#meanAnswerMs * (1 - latestWeight) + latencyMs * latestWeight;
  }

  delayMs({ lineBefore, restOfLine, atDocumentEnd }: TypingPlace): number {
    const sum = this.#pausesMs.reduce((total, pauseMs) => total + pauseMs, 0);
    const meanPauseMs = this.#pausesMs.length > 0 ? sum / this.#pausesMs.length : shortestPauseMs;
    const likelihood =
      (/\w$/.test(lineBefore) ? 0 : 0.5) +
      (restOfLine.trim() === '' ? 0.4 : 0) +
      (atDocumentEnd ? 0.1 : 0);
    const waitMs = meanPauseMs * (3 - 1.5 * likelihood) - this.#meanAnswerMs;
    return clamp(waitMs, delayRangeMs.least, delayRangeMs.most);
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
