import assert from 'node:assert/strict';
import {
  lengthDifference,
  reliability,
  type ScoredFill,
} from '../../../src/server/evaluation/calibration';

describe('lengthDifference', () => {
  const buckets: [difference: number, bucket: string][] = [
    [-40, '<=-9'],
    [-9, '<=-9'],
    [-8, '-8..-5'],
    [-5, '-8..-5'],
    [-4, '-4..-3'],
    [-3, '-4..-3'],
    [-2, '-2'],
    [-1, '-1'],
    [0, '0'],
    [1, '1'],
    [2, '2'],
    [3, '3..4'],
    [4, '3..4'],
    [5, '5..8'],
    [8, '5..8'],
    [9, '>=9'],
    [60, '>=9'],
  ];
  for (const [difference, bucket] of buckets) {
    it(`counts ${difference} in ${bucket}, and nowhere else`, () => {
      const { histogram } = lengthDifference([difference]);
      assert.equal(Object.keys(histogram).length, 11);
      const filled = Object.entries(histogram).filter(([, fills]) => fills !== 0);
      assert.deepEqual(filled, [[bucket, 1]]);
    });
  }

  it('keeps the sign in the mean and drops it in the shares', () => {
    const { exact, withinTwo, mean } = lengthDifference([0, -1, -2, -3, 2, 10]);
    assert.deepEqual({ exact, withinTwo, mean }, { exact: 0.1667, withinTwo: 0.6667, mean: 1 });
    assert.equal(lengthDifference([-3, -4]).mean, -3.5);
  });
});

describe('reliability', () => {
  const fill = (confidence: number, right: 0 | 1 = 0, changes: Partial<ScoredFill> = {}) => ({
    ...{ confidence, isRight: right === 1, isExact: right === 1, isHeldBack: false },
    ...changes,
  });

  const bins: [confidence: number, bin: number][] = [
    [0, 0],
    [0.0999, 0],
    [0.1, 1],
    [0.3, 3],
    [0.5999, 5],
    [0.6, 6],
    [0.7, 7],
    [0.8999, 8],
    [0.9, 9],
    [1, 9],
    [1.0000001, 9],
  ];
  for (const [confidence, bin] of bins) {
    it(`puts ${confidence} into bin ${bin}, and nowhere else`, () => {
      const { bins } = reliability([fill(confidence)]);
      assert.equal(bins.length, 10);
      assert.deepEqual(
        bins.flatMap(({ tasks }, index) => (tasks === 0 ? [] : [index])),
        [bin],
      );
    });
  }

  it('counts what is right and what is exact apart', () => {
    const fills = [fill(0.25, 1), fill(0.21, 1, { isExact: false }), fill(0.29)];
    assert.deepEqual(reliability(fills).bins[2], {
      ...{ from: 0.2, to: 0.3, tasks: 3, right: 2, exact: 1 },
    });
  });

  const errors: [name: string, fills: ScoredFill[], error: number][] = [
    ['is 0 where confidence tells the truth', [fill(0.5, 1), fill(0.5)], 0],
    ['is 1 where everything sure is wrong', [fill(1), fill(1)], 1],
    ['is the distance below, too', [fill(0.2, 1)], 0.8],
    // One bin, 0.31 + 0.39 against 1 right: 0.3 over 2 fills.
    ['is of the bin, not of the single fill', [fill(0.31, 1), fill(0.39)], 0.15],
    // Bins: |3 - 2.85| = 0.15 of three fills, |0 - 0.45| = 0.45 of one; together over 4.
    ['weighs bins by their fills', [fill(0.95, 1), fill(0.95, 1), fill(0.95, 1), fill(0.45)], 0.15],
    // Too sure in one bin does not pay for too modest in another.
    ['does not cancel between bins', [fill(0.8), fill(0.2, 1)], 0.8],
  ];
  for (const [name, fills, error] of errors) {
    it(`the calibration error ${name}`, () =>
      assert.equal(reliability(fills).expectedCalibrationError, error));
  }

  it('says for every threshold what an editor would show and how much of it is right', () => {
    const { thresholds } = reliability([fill(0.15), fill(0.4, 1), fill(0.6), fill(0.6, 1)]);
    assert.deepEqual(
      thresholds.map(({ threshold, shown, precision }) => [threshold, shown, precision]),
      [
        [0.1, 1, 0.5],
        [0.2, 0.75, 0.6667],
        [0.3, 0.75, 0.6667],
        [0.4, 0.75, 0.6667],
        [0.5, 0.5, 0.5],
        [0.6, 0.5, 0.5],
        [0.7, 0, null],
        [0.8, 0, null],
        [0.9, 0, null],
      ],
    );
  });

  it('shows no blank fill, and none for a task without one', () => {
    const { thresholds, bins } = reliability([fill(0.9, 1), fill(0.9, 0, { isHeldBack: true })], 4);
    assert.deepEqual(thresholds[8], { threshold: 0.9, shown: 0.25, precision: 1 });
    assert.equal(bins[9]!.tasks, 2);
  });
});
