/**
 * `factor`: commits as many tokens as are sure enough together. With n of them above 1 - f/(n+1)
 * and f <= 1, the argmax of the product of their marginals is the argmax of their joint
 * distribution (Fast-dLLM, arXiv 2505.22618, theorem 1): parallel where that costs nothing.
 */
import { byConfidence, type CommitRule } from './rule';

/** @param factor f > 0; smaller is more careful. */
export function factorRule(factor: number): CommitRule {
  return {
    ranksCommitted: false,
    decide({ masked, confidence }) {
      const ranked = byConfidence(confidence, (index) => masked[index] === 1);
      let count = 1;
      for (let n = 2; n <= ranked.length; n++) {
        if (confidence[ranked[n - 1]!]! >= 1 - factor / (n + 1)) count = n;
      }
      return { commit: ranked.slice(0, count) };
    },
  };
}
