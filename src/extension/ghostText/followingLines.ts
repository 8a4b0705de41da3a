/**
 * Lines that the document already has below the cursor. A fill whose end repeats them is cut before
 * the repetition; a fill that starts with the very next line is dropped. Compares exactly, trailing
 * blanks aside: "similar" lines are what good code in a table or a switch looks like.
 */
import { unmatchedClosers } from './brackets';

/** A cut-off last line counts as a repetition from this many characters on. */
const shortestCutLine = 4;
/** A shorter line, such as `end` or `},`, may well stand twice in a row. */
const shortestOwnLine = 8;

/** The fill without the lines that follow anyway; empty where nothing else is left. */
export function trimFollowingLines(fill: string, lineBefore: string, suffix: string): string {
  const [restOfLine = '', ...below] = suffix.split('\n');
  if (restOfLine.trim() !== '') return fill;
  const next = below.slice(below.findIndex((line) => line.trim() !== '')).map(trimEnd);
  if (below.every((line) => line.trim() === '')) return fill;

  // The first line of a fill is a line of the document only together with what stands before it.
  const lines = (lineBefore + fill).split('\n').map(trimEnd);
  const wholeLines = lineBefore.trim() === '' ? lines.length : lines.length - 1;
  const firstIsNext = wholeLines === lines.length && lines[0] === next[0];
  if (firstIsNext && lines[0]!.trim().length >= shortestOwnLine) return '';

  for (let length = Math.min(wholeLines, next.length); length > 0; length--) {
    if (!isRepeated(lines.slice(-length), next)) continue;
    const kept = fill.split('\n').slice(0, -length).join('\n');
    if (!closesOwnBrackets(fill, kept.length)) return kept;
  }
  return fill;
}

function isRepeated(tail: readonly string[], next: readonly string[]): boolean {
  if (tail.every((line) => line === '')) return false;
  return tail.every((line, index) => {
    const isLast = index === tail.length - 1;
    const cutShort =
      isLast && line.trim().length >= shortestCutLine && next[index]!.startsWith(line);
    return line === next[index] || cutShort;
  });
}

/** What stands from `start` on closes a bracket that the fill opened before: it is needed. */
function closesOwnBrackets(fill: string, start: number): boolean {
  const inWhole = unmatchedClosers(fill).filter(({ offset }) => offset >= start).length;
  return inWhole < unmatchedClosers(fill.slice(start)).length;
}

function trimEnd(line: string): string {
  return line.trimEnd();
}
