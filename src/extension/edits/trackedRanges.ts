/**
 * Where a range of a text is after the text was changed around it, and whether it was touched. The
 * rules: a range that is waiting for its fill may not be touched, one beside our own edits may lie next
 * to them, one that they rewrite holds them, and a lock grows with what is typed into it. Pure offsets;
 * knows no editor.
 */
import type { TextRange } from '../../protocol/messages';

/** One replacement; all changes of one event count in the text as it was before the event. */
export interface TextChange {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** The range after somebody's changes; undefined: one of them reaches it or its border. */
export function moved(range: TextRange, changes: readonly TextChange[]): TextRange | undefined {
  return shifted(
    range,
    changes,
    ({ offset, length }) => offset + length < range.start,
    ({ offset }) => offset > range.end,
  );
}

/** The range after edits of our own, which may end or begin where it begins or ends. */
export function movedBeside(
  range: TextRange,
  changes: readonly TextChange[],
): TextRange | undefined {
  return shifted(
    range,
    changes,
    ({ offset, length }) => offset + length <= range.start,
    ({ offset }) => offset >= range.end,
  );
}

/**
 * The range after edits of our own inside it; undefined: another change reaches it.
 * @param own what those edits replace, all of it in the range.
 */
export function rewritten(
  range: TextRange,
  changes: readonly TextChange[],
  own: readonly TextRange[],
): TextRange | undefined {
  const isOwn = ({ offset, length }: TextChange) =>
    own.some(({ start, end }) => start === offset && end - start === length);
  const around = movedBeside(
    range,
    changes.filter((change) => !isOwn(change)),
  );
  if (!around) return undefined;
  const grown = changes
    .filter(isOwn)
    .reduce((sum, { length, text }) => sum + text.length - length, 0);
  return { start: around.start, end: around.end + grown };
}

/** The range with all that the changes put into it or at its borders. */
export function reached(range: TextRange, changes: readonly TextChange[]): TextRange {
  let { start, end } = range;
  for (const { offset, length, text } of descending(changes)) {
    const delta = text.length - length;
    if (offset + length < start) start += delta;
    if (offset <= range.end) end += delta;
  }
  return { start, end };
}

/** The range with what was typed into it; undefined: nothing of it is left. */
export function stretched(range: TextRange, changes: readonly TextChange[]): TextRange | undefined {
  let { start, end } = range;
  for (const { offset, length, text } of descending(changes)) {
    const changeEnd = offset + length;
    const delta = text.length - length;
    if (changeEnd <= start) {
      start += delta;
      end += delta;
    } else if (offset < end) {
      // What replaced a part of the range belongs to it; what replaced its border does not.
      start = offset < start ? offset + text.length : start;
      end = changeEnd > end ? offset : end + delta;
    }
  }
  return end > start ? { start, end } : undefined;
}

function shifted(
  range: TextRange,
  changes: readonly TextChange[],
  isBefore: (change: TextChange) => boolean,
  isAfter: (change: TextChange) => boolean,
): TextRange | undefined {
  let by = 0;
  for (const change of changes) {
    if (isBefore(change)) by += change.text.length - change.length;
    else if (!isAfter(change)) return undefined;
  }
  return { start: range.start + by, end: range.end + by };
}

/** From the end backwards no change moves one that is still to come. */
function descending(changes: readonly TextChange[]): TextChange[] {
  return changes.toSorted((a, b) => b.offset - a.offset);
}
