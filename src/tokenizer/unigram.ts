/**
 * Encoding running text with a SentencePiece Unigram vocabulary (XLM-R). Such a tokenizer knows words
 * with a space before them and no other white space: it puts a space where a text begins, and drops
 * one at its end. A gap stands in the middle of a text, so both are undone here. Line breaks become
 * spaces for the model all the same; the document keeps its own. Knows no scores and no specials.
 */
import type { Tokenizer } from './tokenizer';

/** SentencePiece's sign for a space. */
const space = '▁';

/** @param encodeRaw of a whole text, as the library does it. */
export function unigramEncoder(
  vocab: readonly (readonly [string, number])[],
  encodeRaw: (text: string) => Int32Array,
): Tokenizer['encode'] {
  const idOf = new Map(vocab.map(([piece], id) => [piece, id]));
  const bare = idOf.get(space);
  return (text, at) => {
    let ids = [...encodeRaw(text)];
    const first = ids[0];
    if (at === 'middle' && first !== undefined && /^\S/.test(text)) {
      const piece = vocab[first]?.[0] ?? '';
      const rest = idOf.get(piece.slice(space.length));
      if (piece === space) ids = ids.slice(1);
      else if (piece.startsWith(space) && rest !== undefined) ids = [rest, ...ids.slice(1)];
    }
    if (/\s$/.test(text) && bare !== undefined) ids.push(bare);
    return Int32Array.from(ids);
  };
}
