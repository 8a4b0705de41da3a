/**
 * Which gap a key means: the one at the cursor, else the nearest one in the wanted direction. Pure;
 * going there is the caller's business.
 */
import type { Target } from './target';

export interface Cursor {
  readonly uri: string;
  readonly offset: number;
}

/** Index of the gap that the cursor stands in or at; -1 if it stands in none. */
export function gapAt(gaps: readonly Target[], cursor: Cursor | undefined): number {
  return gaps.findIndex(
    ({ uri, range }) =>
      uri === cursor?.uri && range.start <= cursor.offset && cursor.offset <= range.end,
  );
}

/** Index of the gap after or before the cursor, round in a circle; -1 without any. */
export function gapBeside(
  gaps: readonly Target[],
  cursor: Cursor | undefined,
  step: 1 | -1,
): number {
  const count = gaps.length;
  if (count === 0) return -1;
  const here = gapAt(gaps, cursor);
  if (here >= 0) return (here + step + count) % count;
  const isIn = ({ uri }: Target) => uri === cursor?.uri;
  const beside =
    step === 1
      ? gaps.findIndex((gap) => isIn(gap) && gap.range.start > cursor!.offset)
      : gaps.findLastIndex((gap) => isIn(gap) && gap.range.end < cursor!.offset);
  if (beside >= 0) return beside;
  return step === 1 ? 0 : count - 1;
}
