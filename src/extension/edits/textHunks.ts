/**
 * What a new text of a draft changes in the old one: hunks, each a run of words that differ, so that one
 * may be taken and the next refused. Changes that only a sign or a blank parts, or less of their line than
 * they change, are one: nobody decides about confetti. Pure; knows no document and no sampler.
 */
import { diffArrays } from 'diff';
import type { TextRange } from '../../protocol/messages';

/** A range of the old text, often empty, and what takes its place. */
export interface TextHunk extends TextRange {
  readonly text: string;
}

/** More words than this are not compared one by one: it takes the square of them. */
const mostEdits = 1000;
const lines = /[^\r\n]*(?:\r\n|[\r\n])|[^\r\n]+/g;
const words = /\r\n|[\r\n]|[^\S\r\n]+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;

/** Ascending and disjoint; none where the texts are equal. Applied together they give the new text. */
export function hunksOf(before: string, after: string): TextHunk[] {
  const hunks: TextHunk[] = [];
  let offset = 0;
  for (const { added, removed, value } of differences(before, after)) {
    const text = value.join('');
    const end = added ? offset : offset + text.length;
    if (added || removed) add(hunks, { start: offset, end, text: added ? text : '' }, before);
    offset = end;
  }
  return hunks;
}

/** @param hunks ascending and disjoint. */
export function withHunks(before: string, hunks: readonly TextHunk[]): string {
  let text = '';
  let done = 0;
  for (const { start, end, text: own } of hunks) {
    text += before.slice(done, start) + own;
    done = end;
  }
  return text + before.slice(done);
}

/** Offsets of the old text become those of the text with `done` applied, which lie outside `ranges`. */
export function shiftedBy<Range extends TextRange>(
  ranges: readonly Range[],
  done: readonly TextHunk[],
): Range[] {
  return ranges.map((range) => {
    const by = done
      .filter(({ end }) => end <= range.start)
      .reduce((sum, { start, end, text }) => sum + text.length - (end - start), 0);
    return { ...range, start: range.start + by, end: range.end + by };
  });
}

/** True where a hunk would change what a range holds, or bring back what it has taken away. */
export function touches(hunk: TextRange, range: TextRange): boolean {
  const isSame = hunk.start === range.start && hunk.end === range.end;
  return isSame || (hunk.start < range.end && hunk.end > range.start);
}

/** Word by word; line by line where too much differs for that. */
function differences(before: string, after: string) {
  const cut = (text: string, at: RegExp): string[] => text.match(at) ?? [];
  const options = { maxEditLength: mostEdits };
  return (
    diffArrays(cut(before, words), cut(after, words), options) ??
    diffArrays(cut(before, lines), cut(after, lines))
  );
}

/** Puts a hunk behind the others, or makes it one with the last. */
function add(hunks: TextHunk[], hunk: TextHunk, before: string): void {
  const last = hunks.at(-1);
  const between = last ? before.slice(last.end, hunk.start) : '\n';
  if (!last || !joins(last, between, hunk)) return void hunks.push(hunk);
  const text = last.text + between + hunk.text;
  hunks.splice(-1, 1, { start: last.start, end: hunk.end, text });
}

function joins(left: TextHunk, between: string, right: TextHunk): boolean {
  if (/[\r\n]/.test(between)) return false;
  if (!/[\p{L}\p{N}_]/u.test(between)) return true;
  return between.trim().length <= Math.min(sizeOf(left), sizeOf(right));
}

function sizeOf({ start, end, text }: TextHunk): number {
  return Math.max(end - start, text.length);
}
