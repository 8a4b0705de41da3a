/**
 * What the changes of one edit have written, as ranges of the text after it. Pure offsets.
 */
import type { TextRange } from '../../protocol/messages';
import type { TextChange } from '../edits/trackedRanges';

/** Ascending; deletions leave nothing. */
export function writtenRanges(changes: readonly TextChange[]): TextRange[] {
  const ascending = changes.toSorted((a, b) => a.offset - b.offset);
  const ranges: TextRange[] = [];
  let shift = 0;
  for (const { offset, length, text } of ascending) {
    const start = offset + shift;
    if (text !== '') ranges.push({ start, end: start + text.length });
    shift += text.length - length;
  }
  return ranges;
}
