/**
 * `topk-mask`: the sampler behind the seed's published evaluations (DiffuLLaMA's `generate_samples`).
 * At t = T-1 .. 1 the k = trunc(N t/T) least confident positions stay masked; the ranking runs over
 * the whole hole, committed positions with their fresh confidences included, so a committed one can
 * take a low place and let one more masked token through. Never re-masks.
 */
import { byPosition, cutAt, type CommitRule } from './rule';

/** @param steps T >= 1. */
export function topkMaskRule(steps: number): CommitRule {
  return {
    ranksCommitted: true,
    decide({ step, masked, confidence }) {
      const t = steps - 1 - step;
      if (t <= 0) {
        return { commit: byPosition(masked.length, (i) => masked[i] === 1) };
      }
      // The reference computes in float32, where N * (t / T) can fall just below an integer.
      const stay = Math.trunc(Math.fround(masked.length * Math.fround(t / steps)));
      const cut = cutAt(confidence, stay);
      return {
        commit: byPosition(masked.length, (i) => masked[i] === 1 && confidence[i]! >= cut),
      };
    },
  };
}
