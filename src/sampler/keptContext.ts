/**
 * Keys and values of a canvas's context with the canvas they were computed for, so that one can tell
 * what of them still holds for another. Shared by counting: variants of one request, and requests
 * that follow each other while the user types. Knows no network, no text and no commit rule.
 */
import type { KeyValueCache } from '../model/denoiser';
import type { Canvas, Span } from './canvas';
import type { Prediction } from './forwarder';

export class KeptContext {
  #users = 1;

  /**
   * @param ids (L) the canvas as it was run. @param positions (P) the cached ones, ascending.
   * @param first what that run predicted, for a request that comes to the very same canvas.
   */
  constructor(
    readonly ids: Int32Array,
    readonly spans: readonly Span[],
    readonly positions: Int32Array,
    readonly cache: KeyValueCache,
    readonly first: Prediction & { readonly banned: readonly number[] },
  ) {}

  /** One user more; each calls `release` once. */
  retain(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) this.cache.dispose();
  }

  /** How many positions hold another token by now: typed, committed or masked again. */
  changes({ ids }: Canvas): number {
    return this.ids.reduce((sum, id, position) => sum + (ids[position] === id ? 0 : 1), 0);
  }

  /** (P) indices into the cache, those whose position holds what it held and is not in `rerun`. */
  holding({ ids }: Canvas, rerun: ReadonlySet<number>): Int32Array {
    const holds = (position: number) =>
      ids[position] === this.ids[position] && !rerun.has(position);
    return Int32Array.from(this.positions.keys()).filter((index) => holds(this.positions[index]!));
  }
}

/** The context of the last request that allowed it to be used again. One a model; memory only. */
export class ContextStore {
  #last: KeptContext | undefined;

  get last(): KeptContext | undefined {
    return this.#last;
  }

  keep(context: KeptContext): void {
    this.clear();
    this.#last = context.retain();
  }

  clear(): void {
    this.#last?.release();
    this.#last = undefined;
  }
}
