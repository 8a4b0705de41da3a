/**
 * Fills that need not be offered again by themselves: dismissed by Escape, or accepted and taken back by
 * undo. A place is the text around it, so anything else that is typed there makes it a new one; typing
 * along such a fill does not. In memory, bounded in number and time as the cache is. Knows no editor.
 */
import { CompletionCache, type CachedFill } from './completionCache';
import type { Surroundings } from './surroundings';

interface Offer {
  readonly uri: string;
  readonly around: Surroundings;
  readonly fill: CachedFill;
}

export class SettledFills {
  readonly #settled = new CompletionCache();
  /** The last one that was shown. */
  #offer: Offer | undefined;

  /** A fill is shown. One that was asked for is wanted again, whatever was done with it before. */
  offer(uri: string, around: Surroundings, fill: CachedFill): void {
    this.#offer = { uri, around, fill };
    if (fill.isWanted) this.#settled.forget(uri, around);
  }

  /**
   * The one that is shown was accepted or dismissed. Both are kept alike: the place of an accepted one
   * comes back only when it is taken back.
   */
  settle(): void {
    if (this.#offer) this.#settled.store(this.#offer.uri, this.#offer.around, this.#offer.fill);
    this.#offer = undefined;
  }

  /** A fill for this place was settled, and nothing else has been typed there since. */
  has(uri: string, around: Surroundings): boolean {
    return this.#settled.find(uri, around) !== undefined;
  }

  forgetDocument(uri: string): void {
    this.#settled.forgetDocument(uri);
    if (this.#offer?.uri === uri) this.#offer = undefined;
  }

  clear(): void {
    this.#settled.clear();
  }
}
