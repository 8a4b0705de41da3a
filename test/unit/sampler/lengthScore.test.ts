import assert from 'node:assert/strict';
import { certainty, lengthCorrected } from '../../../src/sampler/lengthScore';

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
