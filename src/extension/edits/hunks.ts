/**
 * What of a proposal can be accepted or rejected by itself, placed in its document: a gap, or one of the
 * changes that a draft's fill makes. Values only; who makes them is the view, who settles them the session.
 */
import type { TextRange } from '../../protocol/messages';
import type { Target } from './target';
import type { Replacing } from './targetList';
import type { TextHunk } from './textHunks';

export interface Hunk {
  /** Tells it from the others as long as none is accepted or rejected. */
  readonly key: string;
  readonly target: Target;
  readonly uri: string;
  /** Of the document. */
  readonly range: TextRange;
  /** What would take its place; absent: none is known yet, or it is of no use. */
  readonly text?: string;
  /** Of the draft's text; absent: the hunk is all of its target. */
  readonly part?: TextHunk;
}

/** By target; one without parts is meant as a whole. */
export function partsOf(hunks: readonly Hunk[]): Map<Target, TextHunk[]> {
  const parts = new Map<Target, TextHunk[]>();
  for (const { target, part } of hunks) {
    const own = parts.get(target) ?? [];
    parts.set(target, part ? [...own, part] : own);
  }
  return parts;
}

/** What an edit that writes them replaces. */
export function rangesOf(hunks: readonly Hunk[]): Replacing {
  const ranges = new Map<number, 'all' | TextRange[]>();
  for (const { target, range, part } of hunks) {
    const own = ranges.get(target.id) ?? [];
    ranges.set(target.id, part && own !== 'all' ? [...own, range] : 'all');
  }
  return ranges;
}
