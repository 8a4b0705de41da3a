import { strict as assert } from 'node:assert';
import { bucketOf, isUnsure, percent } from '../../../../src/extension/confidence/buckets';

describe('buckets', () => {
  const cases: [probability: number, bucket: number, words: string][] = [
    [0, 0, '0 %'],
    [1e-9, 0, '<1 %'],
    [0.0049, 0, '<1 %'],
    [0.005, 0, '1 %'],
    [0.0499, 0, '5 %'],
    [0.05, 1, '5 %'],
    [0.1999, 1, '20 %'],
    [0.2, 2, '20 %'],
    [0.4999, 2, '50 %'],
    [0.5, 3, '50 %'],
    [0.7999, 3, '80 %'],
    [0.8, 4, '80 %'],
    [0.994, 4, '99 %'],
    [0.9951, 4, '>99 %'],
    [1, 4, '100 %'],
  ];
  for (const [probability, bucket, words] of cases) {
    it(`puts ${probability} into bucket ${bucket} and calls it ${words}`, () => {
      assert.equal(bucketOf(probability), bucket);
      assert.equal(percent(probability), words);
      assert.equal(isUnsure(probability), bucket < 2);
    });
  }
});
