/**
 * How well a model knows what it does: whether the length it chose is the gold one, and whether its
 * confidence in a fill is the share of such fills that are right. Arithmetic over finished fills;
 * knows no model, no task and no file.
 *
 * Bins hold counts, so the reports of several runs can be added up.
 */

/** Chosen minus gold tokens, over all fills. */
export interface LengthDifference {
  /** Shares, 0..1. */
  readonly exact: number;
  readonly withinTwo: number;
  /** Below 0: too short on average. */
  readonly mean: number;
  /** Fills by difference; every bucket is there. */
  readonly histogram: Readonly<Record<string, number>>;
}

export interface Reliability {
  /** Of equal width, [from, to); the last one holds 1 too. */
  readonly bins: readonly ReliabilityBin[];
  /** Mean distance of confidence and share right, over the bins, weighted by their fills; 0..1. */
  readonly expectedCalibrationError: number;
  readonly thresholds: readonly ThresholdRow[];
}

export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  /** Counts. */
  readonly tasks: number;
  readonly right: number;
  readonly exact: number;
}

/** What an editor with this confidence threshold would do. */
export interface ThresholdRow {
  readonly threshold: number;
  /** Share of all tasks whose fill is at or above it and has something to show. */
  readonly shown: number;
  /** Share of the shown ones that are right; null where none is shown. */
  readonly precision: number | null;
}

/** What is known of one fill. */
export interface ScoredFill {
  readonly confidence: number;
  /** By the best judge there is: tests, else the exact text. */
  readonly isRight: boolean;
  readonly isExact: boolean;
  /** Nothing but white space, or not what its place asks for: an editor shows no such fill unasked. */
  readonly isHeldBack: boolean;
}

/** Label and largest difference of every bucket, ascending. */
const buckets: readonly (readonly [string, number])[] = [
  ['<=-9', -9],
  ['-8..-5', -5],
  ['-4..-3', -3],
  ['-2', -2],
  ['-1', -1],
  ['0', 0],
  ['1', 1],
  ['2', 2],
  ['3..4', 4],
  ['5..8', 8],
  ['>=9', Infinity],
];

const tenths = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) => tenth / 10);

/** @param differences chosen minus gold tokens of each fill, at least one. */
export function lengthDifference(differences: readonly number[]): LengthDifference {
  const within = (most: number) => differences.filter((each) => Math.abs(each) <= most).length;
  const histogram = buckets.map(([label, most], index) => {
    const above = buckets[index - 1]?.[1] ?? -Infinity;
    return [label, differences.filter((each) => each > above && each <= most).length] as const;
  });
  return {
    exact: share(within(0), differences.length),
    withinTwo: share(within(2), differences.length),
    mean: share(sum(differences), differences.length),
    histogram: Object.fromEntries(histogram),
  };
}

/**
 * @param fills at least one.
 * @param tasks how many were asked: what has no fill is not shown either.
 */
export function reliability(fills: readonly ScoredFill[], tasks = fills.length): Reliability {
  const edges = [0, ...tenths, 1];
  const members = edges.slice(0, -1).map((from, index) => {
    const to = edges[index + 1]!;
    const isLast = to === 1; // a rounding error above 1 is still sure
    return fills.filter(({ confidence }) => confidence >= from && (isLast || confidence < to));
  });
  // A bin's weight times its distance: |right - confidence| summed over its fills.
  const distances = members.map((bin) =>
    Math.abs(rightOf(bin) - sum(bin.map(({ confidence }) => confidence))),
  );
  return {
    bins: members.map((bin, index) => ({
      from: edges[index]!,
      to: edges[index + 1]!,
      tasks: bin.length,
      right: rightOf(bin),
      exact: bin.filter(({ isExact }) => isExact).length,
    })),
    expectedCalibrationError: share(sum(distances), fills.length),
    thresholds: tenths.map((threshold) => {
      const shown = fills.filter((fill) => fill.confidence >= threshold && !fill.isHeldBack);
      return {
        threshold,
        shown: share(shown.length, tasks),
        precision: shown.length === 0 ? null : share(rightOf(shown), shown.length),
      };
    }),
  };
}

/** A quotient with the four digits that a report shows. */
export function share(part: number, whole: number): number {
  return rounded(part / whole, 4);
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function rightOf(fills: readonly ScoredFill[]): number {
  return fills.filter(({ isRight }) => isRight).length;
}
