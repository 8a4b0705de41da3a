/**
 * How long an automatic request waits for the next key. A request that the next key makes worthless costs
 * what the sampler takes, since it stops between two steps: so a fast model is asked almost at once, a
 * slow one after a longer pause. Within a word that is being typed fast, nobody could read an answer
 * before the next key: there it waits for the burst to end. Pure: times are passed in.
 */

const rememberedKeys = 20;
/** A longer pause was thinking, and says nothing of the rhythm. */
const longestPauseMs = 400;
/** 350 ms is what Continue always waits; a local model is worth asking sooner, never later. */
const delayRangeMs = { least: 30, most: 350 };
/** A burst is over this much after the key that should have come, and after so long in any case. */
const burstShare = 1.1;
const longestBurstWaitMs = 120;
/** A request that is given up costs about half an answer: one long forward, then it stops. */
const wastedShare = 0.5;
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
      this.#pausesMs.push(pauseMs);
      if (this.#pausesMs.length > rememberedKeys) this.#pausesMs.shift();
    }
    this.#lastKeyMs = atMs;
  }

  answered(latencyMs: number): void {
    this.#meanAnswerMs = this.#meanAnswerMs * (1 - latestWeight) + latencyMs * latestWeight;
  }

  /** The next key came first: it would have taken this long at least. */
  abandoned(afterMs: number): void {
    if (afterMs > this.#meanAnswerMs) this.answered(afterMs);
  }

  delayMs({ lineBefore, restOfLine, atDocumentEnd }: TypingPlace): number {
    const insideWord = /\w$/.test(lineBefore);
    const likelihood =
      (insideWord ? 0 : 0.5) + (restOfLine.trim() === '' ? 0.4 : 0) + (atDocumentEnd ? 0.1 : 0);
    const forModelMs = wastedShare * this.#meanAnswerMs * (1.5 - likelihood);
    const waitMs = Math.max(forModelMs, insideWord ? this.#burstWaitMs() : 0);
    return Math.min(delayRangeMs.most, Math.max(delayRangeMs.least, waitMs));
  }

  #burstWaitMs(): number {
    if (this.#pausesMs.length === 0) return 0;
    const sum = this.#pausesMs.reduce((total, pauseMs) => total + pauseMs, 0);
    const waitMs = burstShare * (sum / this.#pausesMs.length);
    return waitMs <= longestBurstWaitMs ? waitMs : 0; // too slow for a burst: there is time to read
  }
}
