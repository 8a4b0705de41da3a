/**
 * How far the predictions of rounded weights are from those of the weights as they were: over rows of
 * logits, what changes for a sampler. Pure arithmetic.
 */

export interface Divergence {
  /** Largest difference of two logits over the largest logit. */
  readonly relativeMax: number;
  /** Mean KL divergence from the reference, nats a row. */
  readonly kl: number;
  /** Share of rows whose likeliest token is the reference's. */
  readonly topAgreement: number;
  readonly rows: number;
}

/** @param reference (R, V) logits, row-major; `found` the same rows of the other model. */
export function divergence(
  reference: Float32Array,
  found: Float32Array,
  vocabSize: number,
): Divergence {
  const rows = reference.length / vocabSize;
  let [largest, difference, kl, agreeing] = [0, 0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const p = reference.subarray(row * vocabSize, (row + 1) * vocabSize);
    const q = found.subarray(row * vocabSize, (row + 1) * vocabSize);
    const [inP, inQ] = [normalizer(p), normalizer(q)];
    for (let id = 0; id < vocabSize; id++) {
      largest = Math.max(largest, Math.abs(p[id]!));
      difference = Math.max(difference, Math.abs(p[id]! - q[id]!));
      const logP = p[id]! - inP.logSumExp;
      kl += Math.exp(logP) * (logP - (q[id]! - inQ.logSumExp));
    }
    if (inP.top === inQ.top) agreeing++;
  }
  return {
    relativeMax: largest > 0 ? difference / largest : 0,
    kl: Math.max(0, kl / rows), // rounding may leave -1e-9 of nothing
    topAgreement: agreeing / rows,
    rows,
  };
}

function normalizer(logits: Float32Array): { top: number; logSumExp: number } {
  let top = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[top]!) top = id;
  let sum = 0;
  for (let id = 0; id < logits.length; id++) sum += Math.exp(logits[id]! - logits[top]!);
  return { top, logSumExp: logits[top]! + Math.log(sum) };
}
