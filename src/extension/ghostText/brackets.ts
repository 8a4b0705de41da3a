/**
 * Brackets of a fill, read character by character: which closing ones have no opening partner
 * inside the fill. Those close something that stands before the gap, so the document may hold them
 * already. Knows no language; brackets inside strings and comments count like any other.
 */

const openerOf: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
const openers = new Set(Object.values(openerOf));

export interface Closer {
  readonly bracket: string;
  readonly offset: number; // UTF-16, within the fill
}

/** In the order of the text. A closer of another kind than the open bracket leaves that one open. */
export function unmatchedClosers(text: string): readonly Closer[] {
  const open: string[] = [];
  const unmatched: Closer[] = [];
  for (let offset = 0; offset < text.length; offset++) {
    const bracket = text[offset]!;
    if (openers.has(bracket)) open.push(bracket);
    const opener = openerOf[bracket];
    if (opener === undefined) continue;
    if (open.at(-1) === opener) open.pop();
    else unmatched.push({ bracket, offset });
  }
  return unmatched;
}
