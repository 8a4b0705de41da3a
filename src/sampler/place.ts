/**
 * What kind of gap a place in a text asks for, where the caller left it open: the rest of a line
 * stays on its line, an empty line or the inside of brackets may take a block. Pure text; one rule for the
 * editor and the command line.
 */
import type { GapWish } from '../protocol/messages';

/**
 * Most tokens of a gap. Rests of lines are short, and every token costs at each forward. All three
 * are slot counts that the embedded model saw in training.
 */
export const mostTokens = { block: 64, lineEnd: 32, midLine: 24 } as const;

/** A wish with nothing left open but, perhaps, the length. */
export interface ResolvedWish extends GapWish {
  readonly maxLength: number;
  readonly singleLine: boolean;
}

/**
 * @param before text that ends at the gap. @param after text that begins at it; the tail or head
 * that holds the gap's own line is enough.
 */
export function resolveWish(wish: GapWish, before: string, after: string): ResolvedWish {
  const lineBefore = before.slice(before.lastIndexOf('\n') + 1);
  const restOfLine = /^[^\n]*/.exec(after)![0];
  const closersOnly = /^[\s)\]}>'"`;,]*$/.test(restOfLine);
  const opensBlock = /([{([:]|=>)\s*$/.test(lineBefore);
  const block = closersOnly && (lineBefore.trim() === '' || opensBlock);
  // Whoever gives a length knows what is missing, line breaks and all.
  const singleLine = wish.singleLine ?? (wish.length === 'auto' && !block);
  const most = singleLine
    ? mostTokens[restOfLine.trim() === '' ? 'lineEnd' : 'midLine']
    : mostTokens.block;
  return { ...wish, singleLine, maxLength: wish.maxLength ?? most };
}

/**
 * The wishes at both sides of what a gap must contain. Numbers are shared out, the left side taking
 * the odd one: a length counts the tokens around the contained text, a limit the slots opened around
 * it; towards the fewest tokens the contained ones count. Both sides keep the gap's kind, for the
 * place asks for a block or the rest of a line whatever stands in it.
 */
export function sidesOf(wish: ResolvedWish, containedTokens: number): [ResolvedWish, ResolvedWish] {
  const { length, minLength = 0, maxLength } = wish;
  const least = Math.min(maxLength, Math.max(0, minLength - containedTokens));
  const side = (share: (count: number) => number): ResolvedWish => ({
    ...wish,
    length: length === 'auto' ? length : share(length),
    minLength: share(least),
    maxLength: share(maxLength),
  });
  return [side((count) => Math.ceil(count / 2)), side((count) => Math.floor(count / 2))];
}
