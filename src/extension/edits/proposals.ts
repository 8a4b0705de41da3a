/**
 * What the sampler has proposed in one session: batches of variants, one batch for each wish, newest
 * last. `undo` goes back a batch, the alternatives are the variants of the present one. Fills are
 * kept by their target's id, since targets are accepted one by one. Pure; knows no document.
 */
import type { Fill } from '../../protocol/messages';
import type { Wish } from './wish';

/** One answer for all targets that were open, by target id. */
export type Proposal = ReadonlyMap<number, Fill>;

export interface Batch {
  readonly wish: Wish;
  readonly variants: readonly Proposal[];
  /** Index of the variant that is shown. */
  readonly chosen: number;
  /** Several variants were asked for; else only the first is known. */
  readonly isComplete: boolean;
}

export class Proposals {
  readonly #batches: Batch[] = [];

  get batch(): Batch | undefined {
    return this.#batches.at(-1);
  }
  get current(): Proposal | undefined {
    return this.batch?.variants[this.batch.chosen];
  }
  get canUndo(): boolean {
    return this.#batches.length > 1;
  }

  /**
   * Adds the answers to a wish, first those that were never proposed, last the one that is shown.
   * False: there is no other than that, and nothing is added.
   */
  add(wish: Wish, answers: readonly Proposal[], isComplete: boolean): boolean {
    const { current } = this;
    const known = this.#batches.flatMap(({ variants }) => variants);
    const rank = (proposal: Proposal) => {
      if (current && sayTheSame(current, proposal)) return 2;
      return known.some((other) => sayTheSame(other, proposal)) ? 1 : 0;
    };
    const variants = distinct(answers).toSorted((a, b) => rank(a) - rank(b));
    if (variants.every((proposal) => rank(proposal) === 2)) return false;
    this.#batches.push({ wish, variants, chosen: 0, isComplete });
    return true;
  }

  /** Further variants of the present batch. */
  extend(answers: readonly Proposal[]): void {
    const batch = this.batch!;
    const variants = distinct([...batch.variants, ...answers]);
    this.#replace({ ...batch, variants, isComplete: true });
  }

  choose(chosen: number): void {
    const batch = this.batch;
    if (batch?.variants[chosen]) this.#replace({ ...batch, chosen });
  }

  /** The next variant, or the one before; round in a circle. */
  cycle(step: 1 | -1): void {
    const batch = this.batch!;
    const count = batch.variants.length;
    this.choose((batch.chosen + step + count) % count);
  }

  undo(): void {
    if (this.canUndo) this.#batches.pop();
  }

  #replace(batch: Batch): void {
    this.#batches[this.#batches.length - 1] = batch;
  }
}

/** On the targets that both answer: one that was accepted since is in neither's way. */
function sayTheSame(a: Proposal, b: Proposal): boolean {
  return [...a].every(([id, { text }]) => !b.has(id) || b.get(id)!.text === text);
}

function distinct(proposals: readonly Proposal[]): Proposal[] {
  return proposals.filter(
    (proposal, index) => !proposals.slice(0, index).some((other) => sayTheSame(other, proposal)),
  );
}
