/**
 * What a commit rule is: after each forward it says which masked tokens are written for good and,
 * for the rules that revise, which committed ones are taken back. A rule sees confidences, never
 * tokens, text or time; one file beside this one holds each rule and names its source.
 */

/** Everything is indexed by the N open positions of the canvas, ascending. */
export interface RuleState {
  /** Denoise step, from 0. */
  readonly step: number;
  /** (N) 1 where masked. */
  readonly masked: ArrayLike<number>;
  /** (N) confidence of this step's draft; NaN where no draft was asked for. */
  readonly confidence: ArrayLike<number>;
}

export interface Verdict {
  /** Indices to commit, in the order in which they count as committed. */
  readonly commit: readonly number[];
  readonly remask?: readonly number[];
}

export interface CommitRule {
  /** Committed positions need fresh drafts too, because they are ranked as well. */
  readonly ranksCommitted: boolean;
  decide(state: RuleState): Verdict;
}

/** Indices where `among` holds, most confident first; ties to the lowest position. */
export function byConfidence(
  confidence: ArrayLike<number>,
  among: (index: number) => boolean,
): number[] {
  return byPosition(confidence.length, among).sort(
    (a, b) => confidence[b]! - confidence[a]! || a - b,
  );
}

/** Indices where `among` holds, ascending: the order of the rules that rank all positions at once. */
export function byPosition(count: number, among: (index: number) => boolean): number[] {
  return Array.from({ length: count }, (_, index) => index).filter(among);
}

/**
 * Value at rank `k` of the ascending confidences, the cut below which positions stay masked.
 * `Infinity` when k is past the end: then all stay masked.
 */
export function cutAt(confidence: ArrayLike<number>, k: number): number {
  return [...Array.from(confidence)].sort((a, b) => a - b)[k] ?? Infinity;
}
