/**
 * Finds strings and comments in source text, by the quotes and comment signs of its language. A
 * scanner, no parser: a quote that nothing closes on its line is taken for an apostrophe, and what
 * stands inside `${...}` belongs to its string. Knows no editor and no model.
 */
import type { TextRange } from '../../protocol/messages';

export interface Literal extends TextRange {
  readonly kind: 'string' | 'comment';
}

interface Signs {
  readonly line: readonly string[];
  readonly block: readonly (readonly [open: string, close: string])[];
  /** Quotes that end on their line. */
  readonly quotes: readonly string[];
  /** Quotes whose text may hold line breaks; tried first. */
  readonly long: readonly string[];
}

const slashes = { line: ['//'], block: [['/*', '*/']] } as const;
const c: Signs = { ...slashes, quotes: ['"', "'"], long: [] };
const script: Signs = { ...slashes, quotes: ['"', "'"], long: ['`'] };
const jvm: Signs = { ...slashes, quotes: ['"', "'"], long: ['"""'] };
const hash: Signs = { line: ['#'], block: [], quotes: ['"', "'"], long: [] };
const python: Signs = { ...hash, long: ['"""', "'''"] };
const dashes: Signs = { line: ['--'], block: [['/*', '*/']], quotes: ["'", '"'], long: [] };
const lua: Signs = { ...dashes, block: [['--[[', ']]']] };
const lisp: Signs = { line: [';'], block: [], quotes: ['"'], long: [] };
const markup: Signs = { line: [], block: [['<!--', '-->']], quotes: ['"'], long: [] };
const styles: Signs = { line: [], block: [['/*', '*/']], quotes: ['"', "'"], long: [] };
/** Rust's `'` is a lifetime more often than a character. */
const rust: Signs = { ...slashes, quotes: ['"'], long: [] };
const unknown: Signs = { line: [], block: [], quotes: ['"'], long: [] };

/** By VS Code's language id. */
const languages: ReadonlyMap<string, Signs> = new Map([
  ...entries(c, 'c cpp csharp objective-c objective-cpp dart php swift cuda-cpp jsonc'),
  ...entries(script, 'javascript javascriptreact typescript typescriptreact go groovy svelte vue'),
  ...entries(jvm, 'java kotlin scala'),
  ...entries(python, 'python'),
  ...entries(hash, 'ruby shellscript perl r yaml toml makefile dockerfile elixir julia powershell'),
  ...entries(dashes, 'sql haskell'),
  ...entries(lua, 'lua'),
  ...entries(lisp, 'clojure lisp scheme'),
  ...entries(markup, 'html xml markdown'),
  ...entries(styles, 'css'),
  ...entries(script, 'scss less'),
  ...entries(rust, 'rust'),
]);

/** In the order of the text, disjoint, quotes and comment signs included. */
export function findLiterals(text: string, languageId: string): Literal[] {
  const signs = languages.get(languageId) ?? unknown;
  const found: Literal[] = [];
  let at = 0;
  while (at < text.length) {
    const literal = literalAt(text, at, signs);
    if (literal) found.push(literal);
    at = literal?.end ?? at + 1;
  }
  return found;
}

function literalAt(text: string, start: number, signs: Signs): Literal | undefined {
  const opens = (sign: string) => text.startsWith(sign, start);
  for (const [open, close] of signs.block) {
    if (!opens(open)) continue;
    const closed = text.indexOf(close, start + open.length);
    return { kind: 'comment', start, end: closed < 0 ? text.length : closed + close.length };
  }
  if (signs.line.some(opens)) return { kind: 'comment', start, end: lineEnd(text, start) };
  for (const quote of signs.long) {
    if (opens(quote)) return string(text, start, quote, text.length);
  }
  for (const quote of signs.quotes) {
    if (opens(quote)) return string(text, start, quote, lineEnd(text, start));
  }
  return undefined;
}

/** Undefined where no closing quote comes before `limit`. */
function string(text: string, start: number, quote: string, limit: number): Literal | undefined {
  for (let at = start + quote.length; at < limit; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(quote, at)) return { kind: 'string', start, end: at + quote.length };
  }
  return undefined;
}

function lineEnd(text: string, from: number): number {
  const found = text.slice(from).search(/[\r\n]/);
  return found < 0 ? text.length : from + found;
}

function entries(signs: Signs, ids: string): [string, Signs][] {
  return ids.split(' ').map((id) => [id, signs]);
}
