import assert from 'node:assert/strict';
import { cosineRemaskRule } from '../../../src/sampler/rules/cosineRemask';
import { evenRule } from '../../../src/sampler/rules/even';
import { factorRule } from '../../../src/sampler/rules/factor';
import { hierarchicalRule } from '../../../src/sampler/rules/hierarchical';
import { randomKeepRule } from '../../../src/sampler/rules/randomKeep';
import type { CommitRule } from '../../../src/sampler/rules/rule';
import { thresholdRule } from '../../../src/sampler/rules/threshold';
import { topkMaskRule } from '../../../src/sampler/rules/topkMask';
import { keptWeights } from '../../../src/sampler/draft';
import { seededRandom } from '../../../src/sampler/random';

const allMasked = (n: number) => new Array<number>(n).fill(1);

/** Runs a rule with fixed confidences; returns how many are masked before each step. */
function maskedCounts(rule: CommitRule, confidence: number[], steps: number): number[] {
  const masked = allMasked(confidence.length);
  const counts: number[] = [];
  for (let step = 0; step < steps; step++) {
    const verdict = rule.decide({ step, masked, confidence });
    for (const index of verdict.commit) masked[index] = 0;
    for (const index of verdict.remask ?? []) masked[index] = 1;
    counts.push(masked.filter((flag) => flag === 1).length);
  }
  return counts;
}

const descending = (n: number) => Array.from({ length: n }, (_, i) => 1 - i / (n + 1));

describe('commit rules', () => {
  it('even commits ceil(masked / steps left), most confident first, ties to the lowest', () => {
    const verdict = evenRule(3).decide({
      step: 0,
      masked: allMasked(5),
      confidence: [0.1, 0.9, 0.5, 0.9, 0.2],
    });
    assert.deepEqual(verdict.commit, [1, 3]);
    assert.deepEqual(maskedCounts(evenRule(3), descending(7), 3), [4, 2, 0]);
  });

  it('factor takes the largest n whose n-th confidence reaches 1 - f/(n+1)', () => {
    // f=1 needs .667 .75 .8 .833 for n = 2 3 4 5: the third misses, the fourth and fifth hold.
    const sure = [0.9, 0.88, 0.86, 0.85, 0.84];
    assert.equal(
      factorRule(1).decide({ step: 0, masked: allMasked(5), confidence: sure }).commit.length,
      5,
    );
    const unsure = [0.9, 0.6, 0.5];
    assert.deepEqual(
      factorRule(1).decide({ step: 0, masked: allMasked(3), confidence: unsure }).commit,
      [0],
    );
    const gap = [0.9, 0.7, 0.7, 0.81];
    assert.deepEqual(
      factorRule(1).decide({ step: 0, masked: allMasked(4), confidence: gap }).commit,
      [0, 3],
    );
  });

  it('threshold takes all that are sure, or the surest', () => {
    const decide = (masked: number[], confidence: number[]) =>
      thresholdRule(0.9).decide({ step: 0, masked, confidence }).commit;
    assert.deepEqual(decide(allMasked(4), [0.9, 0.5, 0.95, 0.89]), [2, 0]);
    assert.deepEqual(decide(allMasked(3), [0.1, 0.5, 0.3]), [1]);
    assert.deepEqual(decide([0, 1, 1], [0.99, 0.5, 0.3]), [1]);
  });

  it('hierarchical takes the surest of each run of masks, unless it is a guess', () => {
    const decide = (masked: number[], confidence: number[]) =>
      hierarchicalRule(0.9).decide({ step: 0, masked, confidence }).commit;
    assert.deepEqual(decide([1, 1, 0, 1, 1], [0.5, 0.6, 1, 0.41, 0.3]), [1, 3]);
    assert.deepEqual(decide([1, 1, 0, 1, 1], [0.5, 0.6, 1, 0.39, 0.3]), [1]);
    assert.deepEqual(decide([1, 1, 1, 0, 1], [0.95, 0.99, 0.2, 1, 0.1]), [1, 0]);
    assert.deepEqual(decide([0, 1], [1, 0.1]), [1]);
  });

  it('hierarchical halves a hole: about log L steps where the middle is surest', () => {
    const masked = allMasked(15);
    let steps = 0;
    for (; masked.includes(1); steps++) {
      // Sure in the middle of each run.
      const confidence = masked.map((flag, index) => {
        let [left, right] = [index, index];
        while (masked[left - 1] === 1) left--;
        while (masked[right + 1] === 1) right++;
        return flag === 1 && index === (left + right) >> 1 ? 0.8 : 0.5;
      });
      const { commit } = hierarchicalRule(0.9).decide({ step: steps, masked, confidence });
      for (const index of commit) masked[index] = 0;
    }
    assert.equal(steps, 4);
  });

  it('topk-mask follows the published schedules', () => {
    // Least confident that stay masked at t = T-1 .. 0, from the reference (N=5, T=8).
    assert.deepEqual(maskedCounts(topkMaskRule(8), descending(5), 8), [4, 3, 3, 2, 1, 1, 0, 0]);
    const seven = maskedCounts(topkMaskRule(32), descending(7), 32);
    const runs = [6, 5, 4, 3, 2, 1].map((k) => seven.filter((count) => count === k).length);
    assert.deepEqual(runs, [4, 5, 4, 5, 4, 5]);
  });

  it('topk-mask keeps the float32 trap of the reference: N=22, T=22, t=13 leaves 12', () => {
    const counts = maskedCounts(topkMaskRule(22), descending(22), 9);
    assert.equal(counts[8], 12);
  });

  it('cosine-remask follows the published cut-offs', () => {
    assert.deepEqual(maskedCounts(cosineRemaskRule(5), descending(10), 5), [9, 8, 5, 3, 0]);
    assert.deepEqual(
      maskedCounts(cosineRemaskRule(10), descending(12), 10),
      [11, 11, 10, 9, 8, 7, 5, 3, 1, 0],
    );
  });

  it('cosine-remask takes back what has become unsure', () => {
    const verdict = cosineRemaskRule(2).decide({
      step: 0,
      masked: [0, 1, 1],
      confidence: [0.1, 0.9, 0.8],
    });
    // k = trunc(3 cos(pi/4)) = 2: only the most confident stays out of the mask.
    assert.deepEqual(verdict, { commit: [1], remask: [0] });
  });

  it('random-keep commits at a uniform step', () => {
    const rule = randomKeepRule(8, 8000, seededRandom(5));
    const left = [8000, ...maskedCounts(rule, new Array<number>(8000).fill(0.5), 8)];
    const committed = left.slice(1).map((count, step) => left[step]! - count);
    // 8000 tokens over 8 steps: 5 standard deviations are 148.
    for (const count of committed) assert.ok(Math.abs(count - 1000) < 148, String(committed));
    assert.equal(left.at(-1), 0);
  });

  it('random-keep runs no step in which nothing is due', () => {
    const stepsTaken = maskedCounts(randomKeepRule(64, 1, seededRandom(1)), [0.5], 1);
    assert.deepEqual(stepsTaken, [0]);
  });

  it('top-p keeps the token that crosses the threshold (reference vector)', () => {
    const weights = keptWeights([2, 1, 0.5, 0, -1], 0.9, 0.9);
    const kept = weights.filter((weight) => weight > 0);
    const total = kept.reduce((sum, weight) => sum + weight, 0);
    assert.equal(kept.length, 3);
    [0.658732, 0.21685, 0.124418].forEach((expected, index) =>
      assert.ok(Math.abs(kept[index]! / total - expected) < 1e-5),
    );
  });
});
