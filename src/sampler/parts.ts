/**
 * The parts of a request as text: what lies before, between and after its fields (gaps and drafts),
 * and what is written around one gap, by which a place is told. Knows no tokens.
 */
import type { Part } from '../protocol/messages';
import { withLineFeeds } from './lineEnds';

/** The texts before the first field and after the last, and what lies between, texts joined. */
export function splitParts(parts: readonly Part[]): {
  before: string;
  inner: Part[];
  after: string;
} {
  const joined: Part[] = [];
  let text = '';
  for (const part of parts) {
    if ('text' in part) {
      text += part.text;
      continue;
    }
    if (text !== '' || joined.length === 0) joined.push({ text: withLineFeeds(text) });
    text = '';
    joined.push(part);
  }
  const [first, ...inner] = joined;
  const after = withLineFeeds(text);
  if (first === undefined) return { before: '', inner: [], after };
  return { before: (first as { text: string }).text, inner, after };
}

/** A gap says nothing, whatever it must contain. */
export function textOf(part: Part): string {
  if ('text' in part) return part.text;
  return 'draft' in part ? withLineFeeds(part.draft.text) : '';
}

/** What stands before a gap since the gap before it: its own line is in it, if given at all. */
export function textBefore(before: string, inner: readonly Part[], index: number): string {
  const from = inner.findLastIndex((part, other) => other < index && 'gap' in part);
  const texts = inner.slice(from + 1, index).map(textOf);
  return (from < 0 ? before : '') + texts.join('');
}

export function textAfter(inner: readonly Part[], index: number, after: string): string {
  const next = inner.findIndex((part, other) => other > index && 'gap' in part);
  const texts = inner.slice(index + 1, next < 0 ? inner.length : next).map(textOf);
  return texts.join('') + (next < 0 ? after : '');
}
