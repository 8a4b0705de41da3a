/**
 * A place that one proposal is about: a gap to fill or a draft to denoise again. Its range follows the
 * document; what stands there is kept, so that nothing is ever replaced but the text that was shown
 * as replaced. Pure; a document is its uri here.
 */
import type { TextRange } from '../../protocol/messages';
import { withLineFeeds } from '../ghostText/lineEnds';

/** What a command wants done at a place. */
export interface TargetWish {
  readonly range: TextRange;
  /** `gap`: what stands there goes away; `draft`: a share of it stays. */
  readonly kind: 'gap' | 'draft';
  /** Text that must stand in the gap. */
  readonly contains?: string;
}

/** A draft's text, and what of it was accepted. */
export interface DraftState {
  readonly original: string;
  readonly accepted: readonly TextRange[];
}

export interface Target extends TargetWish {
  readonly id: number;
  readonly uri: string;
  /** The text of the range when the proposal was asked for, and what was accepted of it since. */
  readonly original: string;
  /** Ranges of `original` that came of accepted hunks; an empty one is where something went. */
  readonly accepted?: readonly TextRange[];
  /** What it read before and after each accepted hunk, for undo and redo. */
  readonly states?: readonly DraftState[];
  readonly status: 'open' | 'accepted' | 'rejected';
}

/**
 * The selection without white space at its ends: a line break that a model puts elsewhere would join
 * or tear the lines around it. Undefined: nothing else is selected.
 */
export function trimmedRange(text: string, range: TextRange): TextRange | undefined {
  if (text.trim() === '') return undefined;
  const start = range.start + text.length - text.trimStart().length;
  return { start, end: start + text.trim().length };
}

/** Offset in a text whose line ends are single line feeds, as the sampler sees it. */
export function lineFeedOffset(text: string, offset: number): number {
  return withLineFeeds(text.slice(0, offset)).length;
}

/** Those that begin first come first; two at one place would be one gap. */
export function inOrder<T extends { readonly range: TextRange }>(targets: readonly T[]): T[] {
  return targets.toSorted((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
}
