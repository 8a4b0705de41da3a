/**
 * Token healing. A cursor inside a word leaves a token at the prefix's end that running text would
 * not have (`retu` instead of the start of `return`), and a model that never saw such cuts cannot
 * go on from it. So the last token is given back to the gap, whose first token must then spell its
 * characters again. Knows bytes and ids, no canvas.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';

export interface Seam {
  /** The prefix without its last token. */
  readonly kept: readonly number[];
  /** Bytes that the gap's first token must begin with. */
  readonly healed: Uint8Array;
}

/** Letters, digits and underscore: where a cut is inside a word. */
const inWord = /[\p{L}\p{N}_]$/u;

/** Undefined where there is nothing to heal: no prefix, or it does not end inside a word. */
export function healSeam(prefix: readonly number[], tokenizer: Tokenizer): Seam | undefined {
  const last = prefix.at(-1);
  if (last === undefined || !inWord.test(tokenizer.decode([last]))) return undefined;
  return { kept: prefix.slice(0, -1), healed: tokenizer.bytesOf(last) };
}
