/**
 * The figures of the bench: medians, quartiles, ratios round by round, and that sides take turns.
 */
import assert from 'node:assert/strict';
import { quantile, ratio, shown, summarize, takeTurns } from '../../../bench/support/statistics';

describe('bench statistics', () => {
  it('takes quantiles between ranks, whatever the order', () => {
    assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5);
    assert.equal(quantile([7], 0.95), 7);
    assert.equal(quantile([30, 10, 20], 1), 30);
    assert.deepEqual(summarize([5, 1, 4, 2, 3]), { median: 3, low: 2, high: 4, count: 5 });
    assert.throws(() => quantile([], 0.5), /no values/);
  });

  it('compares round by round, so that a drift of both sides falls out', () => {
    const { median, low, high } = ratio([10, 100, 1000], [1, 10, 100]);
    assert.deepEqual([median, low, high], [10, 10, 10]);
    assert.throws(() => ratio([1, 2], [1]), /2 rounds with 1/);
  });

  it('runs every side once a round, in turned order, and drops the warm-up', async () => {
    const order: string[] = [];
    const side = (name: string) => () => Promise.resolve(order.push(name));
    const taken = await takeTurns({ a: side('a'), b: side('b') }, 3);
    assert.deepEqual(order.join(''), 'ba' + 'ab' + 'ba' + 'ab');
    assert.deepEqual(taken, { a: [3, 6, 7], b: [4, 5, 8] });
  });

  it('shows three digits', () => {
    assert.deepEqual([0.1234, 5.678, 56.78, 1234.5, NaN].map(shown), [
      '0.12',
      '5.68',
      '56.8',
      '1235',
      '-',
    ]);
  });
});
