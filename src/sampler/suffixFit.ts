/**
 * Which of several answers fits best: how likely its own tokens and ends are, and how well what stands behind
 * each gap follows from it. Confidence alone takes what is common for what is right; the text behind was not
 * asked yet. One forward an answer. Knows no text and draws nothing.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { Canvas, Span } from './canvas';
import type { Layout } from './layout';
import type { LengthModel } from './length';
import { makeCanvas } from './makeCanvas';
import { maskEach } from './maskEach';
import type { ModelTraits } from './traits';

/**
 * Tokens behind a gap that are hidden together, and how many of them are read: with more of them in view the
 * first would follow from its own neighbours.
 */
const hiddenBehind = 6;
const readBehind = 1;
/** Exponent of the length by which a sum of log-probabilities is divided: 0 favours short, 1 long answers. */
const lengthPenalty = 0.75;
/** Of the text behind, against the answer's own probability. All four were chosen on held-out packages. */
const fitWeight = 0.2;

export interface Answer {
  /** Filled. */
  readonly canvas: Canvas;
  /** Gaps that found their end -> probability of it, 0..1. */
  readonly ends: ReadonlyMap<number, number>;
}

/** What a gap that was filled to its last slot is taken to have found, instead of an end. */
const unended = 0.05;

/** The best first, ties in the order given. Answers to one request only can be compared. */
export async function rankByFit<A extends Answer>(
  answers: readonly A[],
  layout: Layout,
  model: LengthModel,
  signal?: AbortSignal,
): Promise<{ readonly answers: readonly A[]; readonly forwards: number }> {
  const scored: { readonly answer: A; readonly score: number }[] = [];
  let forwards = 0;
  for (const answer of answers) {
    const fit = await fitOf(answer, layout, model, signal);
    forwards += fit.forwards;
    scored.push({ answer, score: fit.score });
  }
  scored.sort((a, b) => b.score - a.score);
  return { answers: scored.map(({ answer }) => answer), forwards };
}

/** Score: nats, higher for a better answer. */
async function fitOf(
  { canvas, ends }: Answer,
  layout: Layout,
  model: LengthModel,
  signal?: AbortSignal,
): Promise<{ readonly score: number; readonly forwards: number }> {
  const { ids, targets } = joined(canvas, layout, model.tokenizer, model.traits);
  const probabilities = [
    ...canvas.openPositions().map((position) => canvas.confidence[position]!),
    ...[...canvas.endings.keys()].map((span) => ends.get(span) ?? unended),
  ];
  const own = probabilities.reduce((sum, p) => sum + Math.log(Math.max(1e-12, p)), 0);
  const likelihood = own / Math.max(1, probabilities.length) ** lengthPenalty;
  if (targets.length === 0) return { score: likelihood, forwards: 0 };
  const { scores, forwards } = await maskEach(ids, targets.flat(), model, { spacing: 1, signal });
  let read = 0;
  let behind = 0;
  for (const run of targets) {
    for (const { probability } of scores.slice(read, read + Math.min(run.length, readBehind))) {
      behind += Math.log(Math.max(1e-12, probability));
    }
    read += run.length;
  }
  return { score: likelihood + (fitWeight * behind) / targets.length, forwards };
}

/** The canvas without the slots that gaps did not need, and the tokens behind each gap, one span each. */
function joined(
  { ids, spans }: Canvas,
  layout: Layout,
  tokenizer: Tokenizer,
  traits: ModelTraits,
): { readonly ids: Int32Array; readonly targets: readonly (readonly Span[])[] } {
  const lengths = spans.map(({ start, end }) => end - start);
  const { canvas } = makeCanvas(layout, lengths, tokenizer, traits);
  for (const [span, { start }] of canvas.spans.entries()) {
    canvas.ids.set(ids.subarray(spans[span]!.start, spans[span]!.end), start);
  }
  const last = canvas.length - layout.end.length;
  const targets = canvas.spans.map(({ end }, span) => {
    const limit = Math.min(end + hiddenBehind, canvas.spans[span + 1]?.start ?? last);
    const count = Math.max(0, limit - end);
    return Array.from({ length: count }, (_, at) => ({ start: end + at, end: end + at + 1 }));
  });
  return { ids: canvas.ids, targets: targets.filter((run) => run.length > 0) };
}
