/**
 * From a fill to the text that takes its target's place: the document's line ends, and for a gap the
 * editor's indentation, no circles and nothing that stands behind it already, as for ghost text. A
 * draft's tokens were there before, so nothing of it is touched but line ends: a lock must come back
 * byte for byte. Pure.
 */
import type { Fill } from '../../protocol/messages';
import { trimFollowingLines } from '../ghostText/followingLines';
import { withEditorIndentation, type Indentation } from '../ghostText/indentation';
import { withDocumentLineEnds, withLineFeeds } from '../ghostText/lineEnds';
import { unrolled } from '../ghostText/repetition';
import { coveredRestOfLine } from '../ghostText/suffixOverlap';
import { isUndecodable } from '../ghostText/undecodable';
import type { Target } from './target';

export interface Place {
  /** The target's first line, left of it. */
  readonly lineBefore: string;
  /** What follows the target, for some lines. */
  readonly suffix: string;
  readonly lineEnd: '\n' | '\r\n';
  readonly indentation: Indentation;
}

/** Undefined: the fill holds bytes that make no character, and is of no use. */
export function replacementOf(
  { text: sampled }: Fill,
  { kind, original, contains }: Target,
  { lineBefore, suffix, lineEnd, indentation }: Place,
): string | undefined {
  const text = withLineFeeds(sampled);
  if (isUndecodable(text) && !isUndecodable(withLineFeeds(original))) return undefined;
  const isExact = kind === 'draft' || contains !== undefined;
  if (isExact) return withDocumentLineEnds(text, lineEnd);
  const indented = unrolled(withEditorIndentation(text, lineBefore, indentation));
  const trimmed = withoutRepetition(indented, lineBefore, withLineFeeds(suffix));
  return withDocumentLineEnds(trimmed, lineEnd);
}

/** Ghost text grows over what it repeats; here the range is fixed, so the fill gives way. */
function withoutRepetition(text: string, lineBefore: string, suffix: string): string {
  const restOfLine = suffix.split('\n', 1)[0]!;
  // The line end is there already; blanks before it would only stay behind as dirt.
  if (restOfLine.trim() === '') return trimFollowingLines(text, lineBefore, suffix).trimEnd();
  const repeated = restOfLine.slice(0, coveredRestOfLine(text, restOfLine));
  return text.endsWith(repeated) ? text.slice(0, text.length - repeated.length) : text;
}
