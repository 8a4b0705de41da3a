/**
 * Line ends as the models know them. Published tokenizers and our own training read line feeds
 * only, so every text that comes in is turned to them, and the face turns a fill's back into the
 * document's own. Ranges that a caller gives or gets count the caller's text: a `\r\n` is two code
 * units there and one here. Knows no tokens.
 */

/** A text in line feeds, and the way between its offsets and those of the text it came from. */
export interface LineFed {
  readonly text: string;
  /** An offset of the original; one inside a `\r\n` moves outward, as `edge` says. */
  fromOriginal(offset: number, edge: 'start' | 'end'): number;
  /** The line feed of a `\r\n` begins before the `\r` and ends after the `\n`. */
  toOriginal(offset: number): number;
}

export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

export function lineFed(original: string): LineFed {
  /** Of the original: where the `\n` of each `\r\n` stands, ascending. */
  const pairs = [...original.matchAll(/\r\n/g)].map(({ index }) => index + 1);
  /** The same line feeds in the new text. */
  const feeds = pairs.map((offset, before) => offset - before - 1);
  return {
    text: withLineFeeds(original),
    fromOriginal(offset, edge) {
      const before = countBelow(pairs, offset);
      const isInside = pairs[before] === offset;
      // Before the pair when a range begins there; else behind it, where counting leads anyway.
      return offset - before - (isInside && edge === 'start' ? 1 : 0);
    },
    toOriginal: (offset) => offset + countBelow(feeds, offset),
  };
}

/** How many of the ascending `values` are below `limit`. */
function countBelow(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
