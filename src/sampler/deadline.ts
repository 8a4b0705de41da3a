/**
 * What a request commits when its time runs out: so many tokens at each step that the steps left are
 * enough, and at the last one all that is masked. Degrades a fill instead of giving none. Knows no clock:
 * how many steps are left is told.
 */
import type { Canvas } from './canvas';
import type { Draft } from './draft';
import { closeFinished, type ClosedGap } from './ending';
import type { Prediction } from './forwarder';

/**
 * The rule's choice, and the next surest beside it where that is too few. Positions of a span that finds
 * its own end do not count: nobody knows how many of them will be wanted.
 * @param committed positions that the rule commits. @param stepsLeft this one included, 1 or more.
 */
export function atLeast(
  committed: readonly number[],
  canvas: Canvas,
  drafts: ReadonlyMap<number, Draft>,
  stepsLeft: number,
): readonly number[] {
  if (!Number.isFinite(stepsLeft)) return committed;
  const chosen = new Set(committed);
  for (const [span, { start, end }] of canvas.spans.entries()) {
    if (canvas.endings.has(span)) continue;
    const masked = Array.from({ length: end - start }, (_, offset) => start + offset).filter(
      (position) => canvas.masked[position] === 1,
    );
    const isChosen = (position: number) => chosen.has(position);
    let missing = Math.ceil(masked.length / stepsLeft) - masked.filter(isChosen).length;
    const others = masked.filter((p) => !isChosen(p) && drafts.has(p));
    const surest = (a: number, b: number) => drafts.get(b)!.confidence - drafts.get(a)!.confidence;
    const next = canvas.fromLeft ? others : others.sort(surest);
    for (const position of next) if (missing-- > 0) chosen.add(position);
  }
  return [...chosen];
}

/** Commits every mask of the canvas, from the left, closing spans where they end. */
export function commitAll(
  canvas: Canvas,
  prediction: Prediction,
  drafts: ReadonlyMap<number, Draft>,
): { readonly committed: readonly number[]; readonly closed: readonly ClosedGap[] } {
  const committed: number[] = [];
  const closed: ClosedGap[] = [];
  for (const [position, { id, confidence, amongSuited = confidence }] of [...drafts].sort(
    ([a], [b]) => a - b,
  )) {
    closed.push(...closeFinished(canvas, prediction, drafts));
    if (canvas.masked[position] !== 1) continue;
    canvas.commit(position, id, amongSuited);
    committed.push(position);
  }
  return { committed, closed };
}
