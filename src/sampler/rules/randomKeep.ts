/**
 * `random-keep`: the seed's quick-start sampler (arXiv 2410.17891, algorithm 2). Each still masked
 * token is committed with probability 1/(t+1) at t = T-1 .. 1, so its step is uniform among T. The
 * steps are drawn beforehand, which is the same distribution, and lets the loop jump over steps in
 * which nothing happens: the canvas, and so the network's output, would be the same there.
 */
import type { Random } from '../random';
import type { CommitRule } from './rule';

/**
 * @param steps T >= 1.
 * @param positions N, how many positions are open.
 */
export function randomKeepRule(steps: number, positions: number, random: Random): CommitRule {
  const stepOf = Array.from({ length: positions }, () => Math.floor(random() * steps));
  const eventful = [...new Set(stepOf)].sort((a, b) => a - b);
  return {
    ranksCommitted: false,
    decide({ step, masked }) {
      const now = eventful[step] ?? steps;
      const commit = stepOf.flatMap((due, index) =>
        due <= now && masked[index] === 1 ? [index] : [],
      );
      return { commit };
    },
  };
}
