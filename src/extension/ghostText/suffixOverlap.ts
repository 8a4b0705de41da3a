/**
 * How much of the text right of the cursor a fill repeats. That text is then replaced by the fill
 * (the item's range grows) instead of the fill being cut: VS Code draws only what is new, and
 * accepting leaves no `))` behind. A bracket that the fill itself opened is not a repetition.
 */
import { unmatchedClosers } from './brackets';

/** A repeated word shorter than this is as likely the start of something new. */
const shortestWordOverlap = 3;

/** Characters at the start of `restOfLine` (the cursor's line, right of it) that `fill` contains. */
export function coveredRestOfLine(fill: string, restOfLine: string): number {
  const closers = unmatchedClosers(fill);
  for (let length = Math.min(fill.length, restOfLine.length); length > 0; length--) {
    const overlap = restOfLine.slice(0, length);
    if (!fill.endsWith(overlap)) continue;
    const start = fill.length - length;
    const unmatched = new Set(closers.map(({ offset }) => offset));
    const isBalanced = (at: number) => /[)\]}]/.test(fill[at]!) && !unmatched.has(at);
    const ownBracket = [...overlap].some((_, index) => isBalanced(start + index));
    if (!ownBracket && isRepetition(fill, overlap)) return length;
  }
  return repeatedClosers(
    restOfLine,
    closers.map(({ bracket }) => bracket),
  );
}

function isRepetition(fill: string, overlap: string): boolean {
  for (const quote of [`'`, `"`, '`']) {
    // An even number of quotes in the fill means that it closed the string that it opened.
    if (count(overlap, quote) % 2 === 1 && count(fill, quote) % 2 === 0) return false;
  }
  if (!/\w/.test(overlap)) return true;
  const before = fill[fill.length - overlap.length - 1] ?? '';
  const splitsWord = /\w/.test(before) && /\w/.test(overlap[0]!);
  return overlap.trim().length >= shortestWordOverlap && !splitsWord;
}

/** `f(|)` filled with `a, b) {`: the bracket of the line closes inside the fill, not at its end. */
function repeatedClosers(restOfLine: string, closers: readonly string[]): number {
  let length = 0;
  while (length < closers.length && restOfLine[length] === closers[length]) length++;
  return length;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
