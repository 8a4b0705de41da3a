/**
 * What becomes of remarks when their document is edited: those on an edited line go, the others move along.
 * Pure; a remark is a range with its lines here.
 */
import type { TextRange } from '../../protocol/messages';
import { movedBeside, type TextChange } from '../edits/trackedRanges';

export interface Lined {
  readonly range: TextRange;
  readonly firstLine: number;
  readonly lastLine: number;
}
/** All changes of one event count in the text as it was before the event. */
export interface LineChange extends TextChange {
  readonly firstLine: number;
  readonly lastLine: number;
}

interface Place {
  readonly line: number;
  readonly character: number;
}

/** A line in front of which whole lines are put or taken away is not edited itself. */
export function editedLines(
  { start, end }: { readonly start: Place; readonly end: Place },
  text: string,
): Pick<LineChange, 'firstLine' | 'lastLine'> {
  const isWhole =
    text === '' ? start.character === 0 && end.line > start.line : /[\r\n]$/.test(text);
  const lastLine = isWhole && end.character === 0 ? end.line - 1 : end.line;
  return { firstLine: start.line, lastLine };
}

/** Those that are left, with their new offsets; their lines must be found anew. */
export function afterChanges<T extends Lined>(
  remarks: readonly T[],
  changes: readonly LineChange[],
): T[] {
  return remarks.flatMap((remark) => {
    const isOnLine = changes.some(
      ({ firstLine, lastLine }) => firstLine <= remark.lastLine && lastLine >= remark.firstLine,
    );
    const range = isOnLine ? undefined : movedBeside(remark.range, changes);
    return range ? [{ ...remark, range }] : [];
  });
}
