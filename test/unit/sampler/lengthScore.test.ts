import assert from 'node:assert/strict';
import { certainty, lengthCorrected, likeliestBoundary } from '../../../src/sampler/lengthScore';

describe('likeliestBoundary()', () => {
  it('puts the boundary where blanks begin', () => {
    assert.equal(likeliestBoundary([0.01, 0.1, 0.9, 0.95, 0.99], 0).length, 2);
  });

  it('is not misled by one unsure slot before or behind the boundary', () => {
    assert.equal(likeliestBoundary([0.1, 0.6, 0.1, 0.9, 0.4, 0.9], 0).length, 3);
  });

  it('answers 0 for a gap that needs nothing and K for one that needs more', () => {
    assert.deepEqual(
      [likeliestBoundary([0.9, 0.9], 0).length, likeliestBoundary([0.1, 0.1], 0).length],
      [0, 2],
    );
  });

  it('never goes below what was demanded', () => {
    assert.equal(likeliestBoundary([0.99, 0.99, 0.99], 2).length, 2);
  });

  it('is certain when the blanks are, and torn when they are not', () => {
    assert.ok(likeliestBoundary([0.001, 0.999], 0).certainty > 0.99);
    // All boundaries are equally likely with coin-flip blanks.
    assert.ok(Math.abs(likeliestBoundary([0.5, 0.5, 0.5], 0).certainty - 0.25) < 1e-9);
  });

  it('survives probabilities of exactly 0 and 1', () => {
    assert.equal(likeliestBoundary([0, 0, 1, 1], 0).length, 2);
  });
});

describe('lengthCorrected()', () => {
  it('takes the length that stands out from the line, not the one highest on it', () => {
    const line = [1, 2, 4, 8, 16].map((length) => ({ length, score: -Math.log(length) }));
    line[3] = { length: 8, score: -Math.log(8) + 0.5 };
    assert.equal(lengthCorrected(line), 8);
  });

  it('takes the shorter of equals and nothing of nothing', () => {
    assert.equal(
      lengthCorrected([
        { length: 2, score: -1 },
        { length: 4, score: -1 },
      ]),
      2,
    );
    assert.equal(lengthCorrected([]), undefined);
  });
});

describe('certainty()', () => {
  it('is the negative entropy: most certain highest', () => {
    const stats = (logits: number[]) => ({
      width: 2,
      ids: Int32Array.of(0, 1),
      logits: Float32Array.from(logits),
      logSumExp: Float32Array.of(Math.log(Math.exp(logits[0]!) + Math.exp(logits[1]!))),
    });
    assert.ok(certainty(stats([9, 0]), 0, 2) > certainty(stats([0, 0]), 0, 2));
    assert.ok(Math.abs(certainty(stats([0, 0]), 0, 2) + Math.log(2)) < 1e-6);
  });
});
