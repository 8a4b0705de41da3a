/**
 * `hierarchical`: besides all tokens above the threshold, the surest one of every run of masks where it
 * is not a mere guess (dInfer, arXiv 2510.08666). Runs are halved again and again, so a hole of L tokens
 * takes about log L steps, and what is committed together stands far apart.
 */
import { byConfidence, type CommitRule } from './rule';

/** Under this a token is a guess. dInfer's value. */
export const leastConfidence = 0.4;

/** @param threshold 0..1 */
export function hierarchicalRule(threshold: number): CommitRule {
  return {
    ranksCommitted: false,
    decide({ masked, confidence }) {
      const ranked = byConfidence(confidence, (index) => masked[index] === 1);
      const chosen = new Set(ranked.slice(0, 1));
      const seen = new Set<number>();
      for (const index of ranked) {
        const run = runOf(masked, index);
        const isSurestOfRun = !seen.has(run);
        seen.add(run);
        const bound = isSurestOfRun ? leastConfidence : threshold;
        if (confidence[index]! >= bound) chosen.add(index);
      }
      return { commit: ranked.filter((index) => chosen.has(index)) };
    },
  };
}

/** First index of the masks that lie side by side with this one. */
function runOf(masked: ArrayLike<number>, index: number): number {
  let first = index;
  while (first > 0 && masked[first - 1] === 1) first--;
  return first;
}
