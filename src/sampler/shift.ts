/**
 * The one place that knows which row of the network's output predicts which token. Models adapted
 * from autoregressive ones keep their habit: row m-1 predicts token m (DiffuLLaMA, arXiv 2410.17891
 * section 3.2, "shift"); models trained as denoisers predict token m at row m.
 */

/** Row whose head output predicts the token at `position`. */
export function rowFor(position: number, shift: boolean): number {
  return shift ? position - 1 : position;
}

/** First position that can be predicted at all. */
export function firstPredictable(shift: boolean): number {
  return shift ? 1 : 0;
}

/**
 * The rows that must run again when a span's tokens change: the span itself, whose keys and values
 * are new, and the row before it, which predicts its first token under the shift.
 */
export function windowOf(
  span: { readonly start: number; readonly end: number },
  shift: boolean,
): { readonly start: number; readonly end: number } {
  return { start: rowFor(span.start, shift), end: span.end };
}
