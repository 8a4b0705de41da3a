/**
 * `cosine-remask`: the second seed's default (arXiv 2308.12219; "reparam-uncond-deterministic-
 * cosine"). At t = 1 .. T the k = trunc(N cos(pi t / 2T)) least confident positions are masked
 * again, committed ones too; a position that leaves the mask takes the current draft, the others
 * keep their token.
 */
import { byPosition, cutAt, type CommitRule } from './rule';

/** @param steps T >= 1. */
export function cosineRemaskRule(steps: number): CommitRule {
  return {
    ranksCommitted: true,
    decide({ step, masked, confidence }) {
      const rate = Math.fround(Math.cos((Math.PI * (step + 1)) / (2 * steps)));
      const stay = step + 1 >= steps ? 0 : Math.trunc(Math.fround(masked.length * rate));
      const cut = cutAt(confidence, stay);
      const low = (index: number) => confidence[index]! < cut;
      return {
        commit: byPosition(masked.length, (i) => masked[i] === 1 && !low(i)),
        remask: byPosition(masked.length, (i) => masked[i] === 0 && low(i)),
      };
    },
  };
}
