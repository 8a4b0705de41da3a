/**
 * The arithmetic of choosing a length, apart from the forwards that feed it: how certain a row is, and the
 * correction of certainty for the length itself, by a line fitted to the probes or by a curve that was fitted
 * before. Pure numbers.
 */
import type { RowStats } from '../model/denoiser';

export interface ScoredLength {
  readonly length: number;
  readonly score: number;
}

/** Keeps logarithms finite where the model is entirely sure. */
const epsilon = 1e-6;

/**
 * Negative entropy of one row, nats; the mass beyond the K candidates is spread evenly over the
 * rest of the vocabulary.
 */
export function certainty(stats: RowStats, row: number, vocabSize: number): number {
  let sum = 0;
  let tail = 1;
  for (let rank = 0; rank < stats.width; rank++) {
    const logProbability = stats.logits[row * stats.width + rank]! - stats.logSumExp[row]!;
    const probability = Math.exp(logProbability);
    if (probability > 0) sum += probability * logProbability;
    tail -= probability;
  }
  const rest = vocabSize - stats.width;
  return tail > epsilon && rest > 0 ? sum + tail * Math.log(tail / rest) : sum;
}

/** Probability of a row's likeliest token, 0..1. */
export function topProbability(stats: RowStats, row: number): number {
  return Math.exp(stats.logits[row * stats.width]! - stats.logSumExp[row]!);
}

/**
 * What the mean top probability of a fully masked gap of L tokens is where L says nothing:
 * a e^(-bL) + c e^(-dL) + e.
 */
export type LengthBias = readonly [a: number, b: number, c: number, d: number, e: number];

/** CAL's own (arXiv 2602.00476), fitted on an 8B model and used by its authors for others unchanged. */
export const publishedBias: LengthBias = [1, 1.77, 0.56, 0.06, 0.24];

export function biasAt([a, b, c, d, e]: LengthBias, length: number): number {
  return a * Math.exp(-b * length) + c * Math.exp(-d * length) + e;
}

/**
 * The probe with the highest score once its linear dependence on log length is taken out; the
 * slope is clipped to what is plausible, ties go to the shorter. Undefined without probes.
 */
export function lengthCorrected(probes: readonly ScoredLength[]): number | undefined {
  const x = probes.map(({ length }) => Math.log(length));
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length;
  const meanY = probes.reduce((sum, { score }) => sum + score, 0) / probes.length;
  const spread = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const joint = probes.reduce((sum, p, i) => sum + (x[i]! - meanX) * (p.score - meanY), 0);
  const slope = Math.max(-1.5, Math.min(0.2, spread > 0 ? joint / spread : 0));
  return highest(
    probes.map(({ length, score }) => ({ length, score: score - slope * Math.log(length) })),
  );
}

/** The length that scores highest, ties to the one given first; undefined of none. */
export function highest(probes: readonly ScoredLength[]): number | undefined {
  let best: ScoredLength | undefined;
  for (const probe of probes) {
    if (best === undefined || probe.score > best.score + 1e-9) best = probe;
  }
  return best?.length;
}
