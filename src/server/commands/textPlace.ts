/**
 * Places in a text as a command line names them: `LINE:COLUMN`, counted from 1, and ranges between
 * two of them, or of whole lines. Lines end as they do in VS Code (\r\n, \n or \r), columns count
 * UTF-16. Pure; knows no parts and no models.
 */
import { InvalidArgumentError } from 'commander';
import { LacunaError } from '../../protocol/errors';
import type { TextRange } from '../../protocol/messages';
import { isInCharacter } from '../draftLocks';

/** As the user wrote it; without columns whole lines, the last one's end left out. */
export interface RangeWish {
  readonly from: { readonly line: number; readonly column?: number };
  readonly to: { readonly line: number; readonly column?: number };
}

/** What the error speaks of: which command, and the file as the user named it. */
export interface PlaceContext {
  readonly doing: string;
  readonly file: string;
}

/** A flag's value: `3:5-7:1` (both before that column), `3-7` or `3`. */
export function parseRange(text: string): RangeWish {
  const [, line, column, lastLine, lastColumn] = /^(\d+):(\d+)-(\d+):(\d+)$/.exec(text) ?? [];
  if (line !== undefined) {
    const to = { line: Number(lastLine), column: Number(lastColumn) };
    return { from: { line: Number(line), column: Number(column) }, to };
  }
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (first === undefined) {
    throw new InvalidArgumentError('Write it as LINE:COL-LINE:COL, or LINE-LINE for whole lines.');
  }
  return { from: { line: Number(first) }, to: { line: Number(last ?? first) } };
}

/** For an option that may be given several times. */
export function collectRanges(text: string, before: readonly RangeWish[] = []): RangeWish[] {
  return [...before, parseRange(text)];
}

/** The wished ranges as offsets, in the order of the text. @throws LacunaError `badUsage`. */
export function rangesIn(
  text: string,
  wishes: readonly RangeWish[],
  context: PlaceContext,
): TextRange[] {
  const ranges = wishes.map(({ from, to }) => {
    const start = offsetOf(text, from.line, from.column ?? 1, context);
    const end =
      to.column === undefined
        ? lineIn(text, to.line, context).end
        : offsetOf(text, to.line, to.column, context);
    if (end > start) return { start, end };
    throw cannot(context, `a range of "${context.file}" holds no text`, 'Give it a later end');
  });
  ranges.sort((a, b) => a.start - b.start);
  if (ranges.some(({ start }, index) => index > 0 && start < ranges[index - 1]!.end)) {
    throw cannot(context, 'two ranges overlap', 'Give each part of the text once');
  }
  return ranges;
}

/** The text in pieces, those of `ranges` (ascending, disjoint) and those around them; none empty. */
export function piecesOf(
  text: string,
  ranges: readonly TextRange[],
): { readonly text: string; readonly isInside: boolean }[] {
  const borders = [0, ...ranges.flatMap(({ start, end }) => [start, end]), text.length];
  return borders
    .slice(1)
    .map((end, index) => ({ text: text.slice(borders[index], end), isInside: index % 2 === 1 }))
    .filter((piece) => piece.text !== '');
}

/** The offset before a column of a line. @throws LacunaError `badUsage`. */
export function offsetOf(
  text: string,
  line: number,
  column: number,
  context: PlaceContext,
): number {
  const { start, end } = lineIn(text, line, context);
  const length = end - start;
  if (column < 1 || column > length + 1) {
    const found = `column ${column} does not exist, line ${line} of "${context.file}" has ${length} characters`;
    throw cannot(context, found, `Give a column from 1 to ${length + 1}`);
  }
  const offset = start + column - 1;
  if (isInCharacter(text, offset)) {
    const found = `column ${column} of line ${line} is inside a character`;
    throw cannot(context, found, 'Columns count UTF-16 units; move it by one');
  }
  return offset;
}

/** A line without its end. */
function lineIn(text: string, line: number, context: PlaceContext): TextRange {
  const ends = /\r\n|\r|\n/g;
  let start = 0;
  let lines = 1;
  for (; lines < line; lines++) {
    if (ends.exec(text) === null) break;
    start = ends.lastIndex;
  }
  if (line < 1 || lines < line) {
    const found = `line ${line} does not exist, "${context.file}" has ${lines} line${lines === 1 ? '' : 's'}`;
    throw cannot(context, found, 'Give a line of the file, counted from 1');
  }
  return { start, end: ends.exec(text)?.index ?? text.length };
}

function cannot({ doing }: PlaceContext, found: string, advice: string): LacunaError {
  return new LacunaError('badUsage', { doing, found, advice });
}
