/**
 * Where a gap ends that was given more slots than it needs. Its model was trained to put blanks
 * behind the text, and is sure of that only at the frontier, the leftmost masked slot, where it sees
 * what the gap says so far; committed by confidence, blanks would win everywhere at once and empty
 * the gap. So nothing but the frontier is asked, and the gap closes when its end is likelier there than
 * any token. Tokens are committed in order too: one that is fixed ahead of the frontier says how long the
 * text before it must be, which nobody knows yet. Knows no network and no text.
 */
import type { RowStats } from '../model/denoiser';
import type { Canvas, Ending } from './canvas';
import type { Draft } from './draft';
import type { Prediction } from './forwarder';

/** Confidence from which a token may be committed together with the one before it. */
export const sureTogether = 0.9;

/** Tokens that a span filled from the left drafts at one step, and so commits at most. */
export const draftsAhead = { least: 2, most: 12 };

/**
 * How many to draft at the next step: twice as many as the last one could commit, so that a model that is sure of
 * many is not held up, and no fewer than half as many as it drafted, since a single doubt says little.
 */
export function draftsAfter(committed: number, drafted: number): number {
  const { least, most } = draftsAhead;
  return Math.min(most, Math.max(least, 2 * committed, Math.floor(drafted / 2)));
}

export interface ClosedGap {
  readonly span: number;
  /** Probability of the end there, 0..1. */
  readonly certainty: number;
}

/** Closes the gaps that have come to their end; returns them. */
export function closeFinished(
  canvas: Canvas,
  { positions, stats }: Prediction,
  drafts: ReadonlyMap<number, Draft>,
): ClosedGap[] {
  const closed: ClosedGap[] = [];
  for (const [span, ending] of canvas.endings) {
    const frontier = frontierOf(canvas, span);
    if (frontier === undefined) continue;
    if (frontier - canvas.spans[span]!.start < ending.minLength) continue;
    const end = endMass(stats, positions.indexOf(frontier), ending, frontier);
    const token = drafts.get(frontier)!.confidence;
    if (end.mass <= token || ending.mayEnd?.(frontier) === false) continue;
    canvas.close(span, frontier);
    closed.push({ span, certainty: end.mass / end.total });
  }
  return closed;
}

/**
 * True where a commit is allowed: in a span that is filled from the left at its frontier, and behind it as
 * long as every token from the frontier on is sure; in any other, everywhere.
 */
export function withinReach(
  canvas: Canvas,
  drafts: ReadonlyMap<number, Draft>,
): (position: number) => boolean {
  const far = new Set<number>();
  for (const [span, { end }] of canvas.spans.entries()) {
    if (!canvas.fromLeft && !canvas.endings.has(span)) continue;
    const frontier = frontierOf(canvas, span) ?? end;
    // A rule may have taken the surest within reach first; a mask without a draft is far behind.
    const isSure = (position: number) =>
      canvas.masked[position] === 0 || (drafts.get(position)?.confidence ?? 0) >= sureTogether;
    let reached = frontier;
    while (reached < end && isSure(reached)) reached++;
    const first = Math.max(reached, frontier + 1);
    for (let position = first; position < end; position++) far.add(position);
  }
  return (position) => !far.has(position);
}

/**
 * Masked positions whose drafts can matter now: of a span that is filled from the left, those at its
 * frontier and some behind, `ahead` in all. Only rows that are drafted run (nearContext.ts), and a row of the head
 * costs a fifth of the layers' work on it besides.
 */
export function worthDrafting(canvas: Canvas, ahead: number = draftsAhead.most): number[] {
  const wanted: number[] = [];
  for (const [span, { start, end }] of canvas.spans.entries()) {
    const isFromLeft = canvas.fromLeft || canvas.endings.has(span);
    const frontier = frontierOf(canvas, span) ?? end;
    const past = isFromLeft ? Math.min(end, frontier + ahead) : end;
    for (let position = start; position < past; position++) {
      if (canvas.masked[position] === 1) wanted.push(position);
    }
  }
  return wanted;
}

function frontierOf(canvas: Canvas, span: number): number | undefined {
  const { start, end } = canvas.spans[span]!;
  const frontier = canvas.masked.indexOf(1, start);
  return frontier >= 0 && frontier < end ? frontier : undefined;
}

/**
 * Mass of the end at one row, comparable with the tokens' confidences: an end token, corrected for the
 * weight it had in training (a loss weight w makes the optimum w p / Z), or where the gap has to stay on its line
 * a line break, and what only repeats the text behind it. `total` is what all masses sum to after the correction.
 * @param past the position of the row's slot.
 */
export function endMass(
  stats: RowStats,
  row: number,
  { endIds, blankLossWeight, breaksLine, repeats }: Ending,
  past: number,
): { mass: number; total: number } {
  let mass = 0;
  let total = 1;
  for (let rank = row * stats.width; rank < (row + 1) * stats.width; rank++) {
    const id = stats.ids[rank]!;
    const probability = Math.exp(stats.logits[rank]! - stats.logSumExp[row]!);
    if (endIds.includes(id)) {
      mass += probability / blankLossWeight;
      total += probability / blankLossWeight - probability;
    } else if (breaksLine?.(id) === true || repeats?.(past, id) === true) {
      mass += probability;
    }
  }
  return { mass, total };
}
