/**
 * Which hunk a key means: the one at the cursor, else the nearest one in the wanted direction. Pure;
 * going there is the caller's business.
 */
import type { Hunk } from './hunks';

export type Spot = Pick<Hunk, 'uri' | 'range'>;

export interface Cursor {
  readonly uri: string;
  readonly offset: number;
}

/** Index of the hunk that the cursor stands in or at; -1 if it stands in none. */
export function hunkAt(hunks: readonly Spot[], cursor: Cursor | undefined): number {
  return hunks.findIndex(
    ({ uri, range }) =>
      uri === cursor?.uri && range.start <= cursor.offset && cursor.offset <= range.end,
  );
}

/** Index of the hunk after or before the cursor, round in a circle; -1 without any. */
export function hunkBeside(
  hunks: readonly Spot[],
  cursor: Cursor | undefined,
  step: 1 | -1,
): number {
  const count = hunks.length;
  if (count === 0) return -1;
  const here = hunkAt(hunks, cursor);
  if (here >= 0) return (here + step + count) % count;
  const isIn = ({ uri }: Spot) => uri === cursor?.uri;
  const beside =
    step === 1
      ? hunks.findIndex((hunk) => isIn(hunk) && hunk.range.start > cursor!.offset)
      : hunks.findLastIndex((hunk) => isIn(hunk) && hunk.range.end < cursor!.offset);
  if (beside >= 0) return beside;
  return step === 1 ? 0 : count - 1;
}
