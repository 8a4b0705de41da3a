/**
 * `threshold`: commits every token that is surer than a fixed bound, and the surest one in any case
 * (Fast-dLLM, arXiv 2505.22618, section 3.3, bound 0.9). What `factor` becomes where few are committed
 * together; with more than nine at once the bound proves nothing.
 */
import { byConfidence, type CommitRule } from './rule';

/** @param threshold 0..1; smaller commits more at a step. */
export function thresholdRule(threshold: number): CommitRule {
  return {
    ranksCommitted: false,
    decide({ masked, confidence }) {
      const ranked = byConfidence(confidence, (index) => masked[index] === 1);
      const sure = ranked.filter((index) => confidence[index]! >= threshold);
      return { commit: sure.length > 0 ? sure : ranked.slice(0, 1) };
    },
  };
}
