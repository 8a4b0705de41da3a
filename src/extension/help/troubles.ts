/**
 * The last errors of this window with their times, for "Copy Diagnostics". Messages above debug level
 * hold no code of the user's; paths in them are for the report to hide. Knows no editor.
 */
const mostTroubles = 20;

export interface Trouble {
  readonly atMs: number;
  readonly text: string;
  /** How often in a row. */
  readonly times: number;
}

export class Troubles {
  readonly #last: Trouble[] = [];
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Oldest first. */
  get all(): readonly Trouble[] {
    return this.#last;
  }

  add(text: string): void {
    const atMs = this.#now();
    const last = this.#last.at(-1);
    if (last?.text === text) this.#last.pop();
    const times = last?.text === text ? last.times + 1 : 1;
    this.#last.push({ atMs, text, times });
    if (this.#last.length > mostTroubles) this.#last.shift();
  }
}
