/**
 * The arithmetic of choosing a length, apart from the forwards that feed it: how certain a row is, and the correction of certainty for the length itself. Pure numbers.
 */
import type { RowStats } from '../model/denoiser';

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

/**
 * The probe with the highest score once its linear dependence on log length is taken out; the
 * slope is clipped to what is plausible, ties go to the shorter. Undefined without probes.
 */
export function lengthCorrected(
  probes: readonly { readonly length: number; readonly score: number }[],
): number | undefined {
  const x = probes.map(({ length }) => Math.log(length));
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length;
  const meanY = probes.reduce((sum, { score }) => sum + score, 0) / probes.length;
  const spread = x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
  const joint = probes.reduce((sum, p, i) => sum + (x[i]! - meanX) * (p.score - meanY), 0);
  const slope = Math.max(-1.5, Math.min(0.2, spread > 0 ? joint / spread : 0));
  let best: { length: number; value: number } | undefined;
  for (const [index, { length, score }] of probes.entries()) {
    const value = score - slope * x[index]!;
    if (best === undefined || value > best.value + 1e-9) best = { length, value };
  }
  return best?.length;
}
