/**
 * Whether and when a crashed process is started again: at once would spin, never would leave the
 * user without fills after one bad moment. Pure; the clock is the caller's.
 */
export interface RestartLimits {
  /** Wait before the first, second, ... restart in a row, milliseconds; the last one repeats. */
  readonly delaysMs: readonly number[];
  /** As many crashes within `windowMs` end it. */
  readonly mostCrashes: number;
  readonly windowMs: number;
}

/** The five crashes in three minutes are vscode-languageclient's, which users know. */
export const defaultLimits: RestartLimits = {
  delaysMs: [1_000, 4_000, 15_000],
  mostCrashes: 5,
  windowMs: 180_000,
};

export type RestartDecision =
  | { readonly restart: true; readonly delayMs: number }
  | { readonly restart: false; readonly reason: string };

export class RestartPolicy {
  readonly #limits: RestartLimits;
  readonly #now: () => number;
  #crashes: number[] = []; // times of the crashes within the window, oldest first

  constructor(limits: RestartLimits = defaultLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Notes a crash and says what to do about it. */
  crashed(): RestartDecision {
    const { delaysMs, mostCrashes, windowMs } = this.#limits;
    const now = this.#now();
    this.#crashes = [...this.#crashes.filter((time) => now - time < windowMs), now];
    const count = this.#crashes.length;
    if (count >= mostCrashes) {
      const minutes = Math.round(windowMs / 6_000) / 10;
      return { restart: false, reason: `it ended ${count} times within ${minutes} minutes` };
    }
    return { restart: true, delayMs: delaysMs[Math.min(count, delaysMs.length) - 1] ?? 0 };
  }

  /** Forgets all crashes: somebody asked for a fresh start. */
  reset(): void {
    this.#crashes = [];
  }
}
