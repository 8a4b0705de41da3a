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
  /** Text that the document stands in, the other cells of a notebook; absent: it stands by itself. */
  readonly around?: Around | undefined;
}
/** Given text like the document's own, read where that does not fill the reach. */
export interface Around {
  readonly above: string;
  readonly below: string;
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
  const prefix = contextBefore(source, offset, prefixReach) + completing;
  const suffix = contextAfter(source, offset, suffixReach);
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

/** As `textBefore`, and on into what stands above the document. */
export function contextBefore(source: TextSource, end: number, reach: number): string {
  const own = textBefore(source, end, reach);
  const { above = '' } = own.length === end ? (source.around ?? {}) : {};
  return textBefore(above, above.length, reach - own.length) + own;
}

/** As `textAfter`, and on into what stands below the document. */
export function contextAfter(source: TextSource, start: number, reach: number): string {
  const own = textAfter(source, start, reach);
  const { below = '' } = start + own.length === source.length ? (source.around ?? {}) : {};
  return own + textAfter(below, 0, reach - own.length);
}

/** Texts in their order, a blank line after each. Blank ones say nothing and are left out. */
export function joinedAbove(texts: readonly string[]): string {
  return written(texts)
    .map((text) => `${text}\n\n`)
    .join('');
}

/** The same below `own`, with a blank line between. */
export function joinedBelow(own: string, texts: readonly string[]): string {
  const [first, ...others] = written(texts);
  if (first === undefined) return '';
  return (/[\r\n]$/.test(own) ? '\n' : '\n\n') + [first, ...others].join('\n\n');
}

function written(texts: readonly string[]): string[] {
  return texts.map((text) => text.replace(/[\r\n]+$/, '')).filter((text) => text.trim() !== '');
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
