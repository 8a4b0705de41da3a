/**
 * Which token a jump goes to, and which one the pointer is on. Pure; going there is the caller's business.
 */
import { isUnsure } from './buckets';
import type { PlacedToken } from './scoredText';

/** The next unsure token after the cursor, or the one before it, round in a circle. */
export function unsureBeside(
  tokens: readonly PlacedToken[],
  cursor: number,
  step: 1 | -1,
): PlacedToken | undefined {
  const unsure = tokens.filter(
    ({ probability, text }) => isUnsure(probability) && text.trim() !== '',
  );
  const beside =
    step === 1
      ? unsure.find((token) => firstVisible(token) > cursor)
      : unsure.findLast((token) => firstVisible(token) < cursor);
  return beside ?? unsure.at(step === 1 ? 0 : -1);
}

/** Where the cursor is put: behind the blanks that a token begins with. */
export function firstVisible({ start, text }: PlacedToken): number {
  return start + text.length - text.trimStart().length;
}

/** Index of the token that holds the offset; -1 if there is none. */
export function tokenAt(tokens: readonly PlacedToken[], offset: number): number {
  return tokens.findIndex(({ start, end }) => start <= offset && offset < end);
}
