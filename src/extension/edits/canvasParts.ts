/**
 * From documents and the targets in them to the parts of one canvas: the text before, the target, the
 * text up to the next target, and so on, in document order and unchanged. Several documents follow
 * each other, with no more than the text near their targets in between. Locks are found in a document
 * alone, without what stands around it. Pure; knows no editor.
 */
import type { Part, TextRange } from '../../protocol/messages';
import { withLineFeeds } from '../ghostText/lineEnds';
import {
  contextAfter,
  contextBefore,
  prefixReach,
  suffixReach,
  textAfter,
  textBefore,
  type TextSource,
} from '../surroundings';
import { locksOf, type DefaultLock } from './locks';
import { lineFeedOffset, type Target } from './target';
import type { Wish } from './wish';

export interface CanvasDocument {
  readonly source: TextSource;
  readonly languageId: string;
  /** At least one; ascending, disjoint. */
  readonly targets: readonly Target[];
  /** Of the document, as the user set them. */
  readonly locks: readonly TextRange[];
  readonly defaultLocks: readonly DefaultLock[];
}

/** Of the characters between two documents, what stands before a target says more about it. */
const shareBefore = 2 / 3;

export interface CanvasBounds {
  /** Characters between the targets of one document and those of the next. */
  readonly seamReach: number;
  /** Most tokens of each gap; absent: its place decides. */
  readonly maxLength?: number | undefined;
}

export function canvasParts(
  documents: readonly CanvasDocument[],
  wish: Wish,
  { seamReach, maxLength }: CanvasBounds,
): Part[] {
  return documents.flatMap((document, index) => {
    const { source, targets } = document;
    const isFirst = index === 0;
    const isLast = index === documents.length - 1;
    const before = (start: number) =>
      isFirst
        ? contextBefore(source, start, prefixReach)
        : textBefore(source, start, Math.floor(seamReach * shareBefore));
    const after = (end: number) =>
      isLast
        ? contextAfter(source, end, suffixReach)
        : textAfter(source, end, Math.ceil(seamReach * (1 - shareBefore)));
    const parts = targets.flatMap((target, place): Part[] => {
      const from = targets[place - 1]?.range.end;
      const { start } = target.range;
      const text = from === undefined ? before(start) : source.slice(from, start);
      return [{ text }, partOf(target, document, wish, maxLength)];
    });
    const rest = after(targets.at(-1)!.range.end);
    return [...parts, { text: isLast || rest.endsWith('\n') ? rest : `${rest}\n` }];
  });
}

/** A target as the sampler is asked for it. */
function partOf(
  target: Target,
  document: CanvasDocument,
  wish: Wish,
  maxLength: number | undefined,
): Part {
  if (target.kind === 'gap') {
    const bounds = wish.bounds.get(target.id) ?? {
      minLength: 1, // who asks wants an answer
      ...(maxLength !== undefined && { maxLength }),
    };
    const { contains } = target;
    return { gap: { length: 'auto', ...bounds, ...(contains !== undefined && { contains }) } };
  }
  const locks = draftLocks(target, document);
  return {
    draft: {
      text: withLineFeeds(target.original),
      strength: wish.strength / 100,
      order: wish.order,
      ...(locks.length > 0 && { locks }),
      ...(wish.growth !== 1 && { growth: wish.growth }),
    },
  };
}

/** The locks of a draft, what was accepted of it among them, as ranges of its text with line feeds. */
export function draftLocks(target: Target, document: CanvasDocument): TextRange[] {
  const { source, languageId, defaultLocks, locks } = document;
  const { range, original, accepted = [] } = target;
  const within = (offset: number) =>
    lineFeedOffset(original, Math.min(Math.max(0, offset - range.start), original.length));
  return locksOf({
    before: withLineFeeds(textBefore(source, range.start, prefixReach)),
    draft: withLineFeeds(original),
    languageId,
    defaults: defaultLocks,
    own: [...locks, ...accepted.map((own) => placed(own, range.start))].map(({ start, end }) => ({
      start: within(start),
      end: within(end),
    })),
  });
}

function placed({ start, end }: TextRange, by: number): TextRange {
  return { start: start + by, end: end + by };
}

/** Characters of text that must stay on the canvas: drafts, and what lies between targets. */
export function innerCharacters(documents: readonly CanvasDocument[], seamReach: number): number {
  const spans = documents.map(({ targets }) => {
    const drafts = targets.filter(({ kind }) => kind === 'draft');
    const kept = drafts.reduce((sum, { original }) => sum + original.length, 0);
    const between = targets.reduce((sum, { range }, index) => {
      return sum + (index === 0 ? 0 : range.start - targets[index - 1]!.range.end);
    }, 0);
    return kept + between;
  });
  return spans.reduce((sum, span) => sum + span, 0) + seamReach * (documents.length - 1);
}
