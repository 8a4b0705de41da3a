/**
 * How often somebody may ask: a bucket for each key that fills again with time. Pure; the clock is the
 * caller's. Knows neither tokens nor addresses.
 */
export interface Rate {
  /** Requests a minute in the long run. */
  readonly perMinute: number;
  /** Requests at once. */
  readonly burst: number;
}

interface Bucket {
  left: number;
  atMs: number;
}

/** So many keys are kept before those that are full again are forgotten. */
const sweepAt = 10_000;

export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();
  readonly #rate: Rate;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(rate: Rate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
  }

  /** Takes one; answers 0, or the seconds to wait where there is none. */
  take(key: string): number {
    const bucket = this.#filled(key);
    if (bucket.left >= 1) {
      bucket.left--;
      return 0;
    }
    return this.#secondsUntil(bucket);
  }

  /** Seconds to wait, 0 for none; takes nothing. */
  wait(key: string): number {
    const bucket = this.#filled(key);
    return bucket.left >= 1 ? 0 : this.#secondsUntil(bucket);
  }

  #secondsUntil({ left }: Bucket): number {
    return Math.max(1, Math.ceil(((1 - left) / this.#rate.perMinute) * 60));
  }

  #filled(key: string): Bucket {
    const nowMs = this.#now();
    const { perMinute, burst } = this.#rate;
    const known = this.#buckets.get(key);
    if (known !== undefined) {
      known.left = Math.min(burst, known.left + ((nowMs - known.atMs) / 60_000) * perMinute);
      known.atMs = nowMs;
      return known;
    }
    if (this.#buckets.size >= sweepAt) this.#sweep(nowMs);
    const bucket = { left: burst, atMs: nowMs };
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** A bucket that would be full is the same as none. */
  #sweep(nowMs: number): void {
    const { perMinute, burst } = this.#rate;
    for (const [key, { left, atMs }] of this.#buckets) {
      if (left + ((nowMs - atMs) / 60_000) * perMinute >= burst) this.#buckets.delete(key);
    }
    // Somebody with very many addresses: the oldest give way, or memory would.
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size < sweepAt) break;
      this.#buckets.delete(key);
    }
  }
}
