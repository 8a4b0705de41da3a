/**
 * Whether a token only says again what stands behind its gap on the line: a model that writes the `;` of
 * `return |;` means that the gap ends there, as one that writes the line's break does. Knows punctuation and
 * brackets, and of languages nothing.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { Canvas, Span } from './canvas';

/** Ids of the given text directly before and behind a gap, the nearest at the end and at the beginning. */
export interface Beside {
  readonly before: readonly number[];
  readonly behind: readonly number[];
}

/** Names and numbers may rightly come twice: `f(a, a)`. */
const mark = /^[;,:)\]}'"`>]/;
/** Tokens of the line that are looked at, at either side. */
const mostTokens = 120;

/** @param span of the gap; @param canvas asked for only when all of it is laid out. */
export function repetitionOf(
  { before, behind }: Beside,
  span: () => Span,
  canvas: () => Canvas,
  tokenizer: Tokenizer,
): ((past: number, id: number) => boolean) | undefined {
  const rest = firstLine(tokenizer.decode(behind.slice(0, mostTokens)));
  if (!mark.test(rest)) return undefined;
  const lineBefore = lastLine(tokenizer.decode(before.slice(-mostTokens)));
  return (past, id) => {
    const token = tokenizer.decode([id]);
    if (token === '' || !mark.test(token) || !rest.startsWith(token)) return false;
    const { ids } = canvas();
    const line = lineBefore + tokenizer.decode(ids.subarray(span().start, past));
    return !/^[)\]}]/.test(token) || unclosed(line + rest) <= 0;
  };
}

/** Brackets that the line opens and does not close; negative where it closes others. */
function unclosed(line: string): number {
  let count = 0;
  for (const character of line) {
    if ('([{'.includes(character)) count++;
    else if (')]}'.includes(character)) count--;
  }
  return count;
}

function firstLine(text: string): string {
  return /^[^\r\n]*/.exec(text)![0];
}

function lastLine(text: string): string {
  return /[^\r\n]*$/.exec(text)![0];
}
