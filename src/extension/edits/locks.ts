/**
 * Which parts of a draft stay as they are: what the user locked, and by default strings, comments and
 * the heads of functions. Defaults that would leave nothing to regenerate do not apply: whoever
 * selects just a comment wants that comment anew. Pure; the user's locks come in as ranges.
 */
import type { TextRange } from '../../protocol/messages';
import { findLiterals } from './literals';
import { findSignatures } from './signatures';

export type DefaultLock = 'strings' | 'comments' | 'signatures';

export interface LockQuestion {
  /** Text that ends where the draft begins; tells whether the draft begins inside a string. */
  readonly before: string;
  readonly draft: string;
  readonly languageId: string;
  readonly defaults: readonly DefaultLock[];
  /** Of `draft`, as the user set them; may overlap. */
  readonly own: readonly TextRange[];
}

/** Ranges of the draft, ascending and disjoint. */
export function locksOf({ before, draft, languageId, defaults, own }: LockQuestion): TextRange[] {
  const text = before + draft;
  const shown = (range: TextRange) => ({
    start: range.start - before.length,
    end: range.end - before.length,
  });
  const kinds = { string: 'strings', comment: 'comments' } as const;
  const literals = findLiterals(text, languageId).filter(({ kind }) =>
    defaults.includes(kinds[kind]),
  );
  const signatures = defaults.includes('signatures') ? findSignatures(text) : [];
  const byDefault = [...literals, ...signatures].map(shown);
  const all = merged([...byDefault, ...own], draft.length);
  return isAllLocked(draft, all) ? merged(own, draft.length) : all;
}

/** Nothing but white space is left outside the locks. */
export function isAllLocked(draft: string, locks: readonly TextRange[]): boolean {
  let from = 0;
  for (const { start, end } of locks) {
    if (draft.slice(from, start).trim() !== '') return false;
    from = end;
  }
  return draft.slice(from).trim() === '';
}

/** Every match of a pattern, empty ones left out. */
export function matchesOf(text: string, pattern: RegExp): TextRange[] {
  const all = new RegExp(pattern.source, [...new Set(`${pattern.flags}g`)].join(''));
  return [...text.matchAll(all)]
    .map(({ index, 0: match }) => ({ start: index, end: index + match.length }))
    .filter(({ start, end }) => end > start);
}

/** Clipped to 0..length, ascending, touching ones made one. */
function merged(ranges: readonly TextRange[], length: number): TextRange[] {
  const result: { start: number; end: number }[] = [];
  const clipped = ranges
    .map(({ start, end }) => ({ start: Math.max(0, start), end: Math.min(length, end) }))
    .filter(({ start, end }) => end > start)
    .toSorted((a, b) => a.start - b.start);
  for (const range of clipped) {
    const last = result.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else result.push(range);
  }
  return result;
}
