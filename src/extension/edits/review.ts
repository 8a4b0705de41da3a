/**
 * Which hunks of a draft's fills are still open. A rejected one is gone from that fill only; an accepted
 * one is in the document, so the draft reads otherwise and no fill may change it back. Pure; what is
 * written, and when, is the session's business.
 */
import type { Fill } from '../../protocol/messages';
import type { DraftState, Target } from './target';
import { hunksOf, shiftedBy, touches, withHunks, type TextHunk } from './textHunks';

/** By the draft's text that they are of: undo and redo bring back one that was there. */
type Open = Map<string, readonly TextHunk[]>;

export class Review {
  readonly #open = new WeakMap<Fill, Open>();

  /** @param proposed the fill as it would be written. */
  openHunks(
    fill: Fill,
    { original, accepted = [] }: Target,
    proposed: string,
  ): readonly TextHunk[] {
    const known = this.#open.get(fill)?.get(original);
    if (known) return known;
    const hunks = hunksOf(original, proposed).filter(
      (hunk) => !accepted.some((range) => touches(hunk, range)),
    );
    this.#keep(fill, original, hunks);
    return hunks;
  }

  /** Those of `hunks` are written now. The draft as it reads then. */
  accept(fill: Fill, { original, accepted = [] }: Target, done: readonly TextHunk[]): DraftState {
    const now = withHunks(original, done);
    this.#keep(fill, now, shiftedBy(this.#without(fill, original, done), done));
    const written = done.map(({ start, text }, index) => {
      const [at] = shiftedBy([{ start, end: start }], done.slice(0, index));
      return { start: at!.start, end: at!.start + text.length };
    });
    return { original: now, accepted: [...shiftedBy(accepted, done), ...written] };
  }

  reject(fill: Fill, { original }: Target, done: readonly TextHunk[]): void {
    this.#keep(fill, original, this.#without(fill, original, done));
  }

  /** Some are left to decide about. */
  hasOpen(fill: Fill, { original }: Target): boolean {
    return (this.#open.get(fill)?.get(original)?.length ?? 0) > 0;
  }

  #keep(fill: Fill, original: string, hunks: readonly TextHunk[]): void {
    const open: Open = this.#open.get(fill) ?? new Map();
    this.#open.set(fill, open.set(original, hunks));
  }

  #without(fill: Fill, original: string, done: readonly TextHunk[]): TextHunk[] {
    const starts = new Set(done.map(({ start }) => start));
    return (this.#open.get(fill)?.get(original) ?? []).filter(({ start }) => !starts.has(start));
  }
}
