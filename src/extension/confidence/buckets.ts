/**
 * Five buckets of how likely a token is, both sides given, and a probability in words. The heat map, the
 * hover and the jump between unsure tokens mean the same by "unsure" through this file. Pure; what a
 * bucket looks like is heatMapLook.ts's question.
 */

/** 0 is the least likely. */
export type Bucket = 0 | 1 | 2 | 3 | 4;
export const buckets: readonly Bucket[] = [0, 1, 2, 3, 4];

/** Lowest probability of buckets 1 to 4. */
const bounds = [0.05, 0.2, 0.5, 0.8];

export function bucketOf(probability: number): Bucket {
  return bounds.filter((bound) => probability >= bound).length as Bucket;
}

/** In the two lowest buckets: these are what "Go to Next Unsure Token" goes to. */
export function isUnsure(probability: number): boolean {
  return bucketOf(probability) <= 1;
}

/** Never "0 %" for what is possible, nor "100 %" for what is not certain. */
export function percent(probability: number): string {
  if (probability > 0 && probability < 0.005) return '<1 %';
  if (probability < 1 && probability > 0.995) return '>99 %';
  return `${Math.round(probability * 100)} %`;
}
