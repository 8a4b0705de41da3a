/**
 * From a document and a cursor to what is asked of the sampler: the text before, the gap, the text
 * after, in document order and unchanged. Only the reach is bounded, at line starts. Pure: knows a
 * text by its slices, no editor, no model and no token.
 */
import type { GapWish, Part } from '../protocol/messages';

/** A document as this file sees it. Offsets count UTF-16 units. */
export interface TextSource {
  readonly length: number;
  slice(start: number, end: number): string;
}

/** More than the longest canvas of a known model holds; the sampler process cuts to tokens. */
export const prefixReach = 20_000; // UTF-16 units
export const suffixReach = 10_000;

export interface Surroundings {
  readonly prefix: string;
  readonly suffix: string;
  /** Where the prefix ends. */
  readonly offset: number;
  /** Of the whole document. */
  readonly documentLength: number;
  /** The cursor's line, left and right of the cursor. */
  readonly lineBefore: string;
  readonly restOfLine: string;
}

/**
 * `completing` is text that the suggest widget would put at `offset`, as if it stood there already.
 */
export function readSurroundings(
  source: TextSource,
  offset: number,
  completing = '',
): Surroundings {
  const prefix = textBefore(source, offset, prefixReach) + completing;
  const suffix = textAfter(source, offset, suffixReach);
  return {
    prefix,
    suffix,
    offset: offset + completing.length,
    documentLength: source.length + completing.length,
    lineBefore: prefix.slice(prefix.lastIndexOf('\n') + 1),
    restOfLine: /^[^\r\n]*/.exec(suffix)![0],
  };
}

/** What kind of gap the place asks for is decided by the sampler process, which sees the same text. */
export function fillParts({ prefix, suffix }: Surroundings, gap: GapWish): readonly Part[] {
  return [{ text: prefix }, { gap }, { text: suffix }];
}

/** A word goes on at both sides of the cursor: nobody waits for a completion there. */
export function isInsideWord({ lineBefore, restOfLine }: Surroundings): boolean {
  return /[\p{L}\p{N}_]$/u.test(lineBefore) && /^[\p{L}\p{N}_]/u.test(restOfLine);
}

/** The last `reach` characters before `end`, from the start of a line on. */
export function textBefore(source: TextSource, end: number, reach: number): string {
  const start = Math.max(0, end - reach);
  const text = source.slice(start, end);
  if (start === 0) return text;
  const lineStart = text.indexOf('\n') + 1;
  // A single line longer than the reach is cut in its middle, though never in a character's.
  return lineStart > 0 ? text.slice(lineStart) : text.slice(isLowSurrogate(text, 0) ? 1 : 0);
}

/** The first `reach` characters from `start` on, to the end of a line. */
export function textAfter(source: TextSource, start: number, reach: number): string {
  const end = Math.min(source.length, start + reach);
  const text = source.slice(start, end);
  if (end === source.length) return text;
  const lineStart = text.lastIndexOf('\n') + 1;
  if (lineStart > 0) return text.slice(0, lineStart);
  return text.slice(0, isLowSurrogate(text, text.length) ? -1 : undefined);
}

/** True where cutting at `index` would split a pair; a cut text is seen from one side only. */
function isLowSurrogate(text: string, index: number): boolean {
  if (index < text.length) return /^[\uDC00-\uDFFF]/.test(text.slice(index, index + 1));
  return /[\uD800-\uDBFF]$/.test(text);
}
