/**
 * A layout becomes a canvas: pieces side by side, every gap a span of masks with the rules for its
 * slots and its ending, the outer texts shortened until all fits. Knows no network, and of text only
 * what a single token spells.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';
import { Canvas, type Ending, type SlotRule, type Span } from './canvas';
import { constraintOf } from './constraint';
import { tooLong } from './contextTooLong';
import type { GapPiece, GivenPiece, Layout } from './layout';
import { repetitionOf } from './repeats';
import type { ModelTraits } from './traits';

export interface LaidCanvas {
  readonly canvas: Canvas;
  /** Canvas position of each piece's first token. */
  readonly at: readonly number[];
}

/** Editors break a line at a lone carriage return as well. */
const lineBreaks = [10, 13];
/** Gaps whose end is found while they are filled, and the ids that stand there. */
export type OpenEnded = ReadonlyMap<number, readonly number[]>;

/** Ids of the given text directly behind a piece; none where a gap stands there. */
function behindOf({ pieces }: Layout, index: number, suffix: readonly number[]): readonly number[] {
  const next = pieces[index + 1];
  if (next === undefined) return suffix;
  return next.kind === 'given' ? next.ids : [];
}

export function isGap(piece: GivenPiece | GapPiece): piece is GapPiece {
  return piece.kind === 'gap';
}

/**
 * A canvas with `lengths[g]` masked tokens in gap g. The outer texts are shortened to fit: the
 * prefix keeps its end, the suffix its beginning, two thirds to one where both are long; or as `fixed`
 * says, for which the caller answers.
 * @throws LacunaError `contextTooLong` when all that may not be cut is too long.
 */
export function makeCanvas(
  layout: Layout,
  lengths: readonly number[],
  tokenizer: Tokenizer,
  traits: ModelTraits,
  openEnded: OpenEnded = new Map(),
  fixed?: FixedShares,
): LaidCanvas {
  const { prefix, suffix } = fixed ? cut(layout, fixed) : fit(layout, lengths, traits);
  const unwritten = [...openEnded.values()].flat();
  const { demands } = layout;
  const ids: number[] = [...layout.start, ...prefix];
  const spans: Span[] = [];
  const at: number[] = [];
  const rules = new Map<number, SlotRule>();
  const endings = new Map<number, Ending>();
  for (const [index, piece] of layout.pieces.entries()) {
    const start = ids.length;
    at.push(start);
    if (piece.kind === 'given') {
      ids.push(...piece.ids);
      continue;
    }
    const gap = spans.length;
    const constraint = demands && constraintOf(demands, gap, () => canvas, tokenizer);
    for (let slot = 0; slot < lengths[gap]!; slot++) {
      const own = ruleFor(piece, slot, tokenizer, unwritten);
      const rule = constraint?.ruleAt(ids.length, own) ?? own;
      if (rule !== undefined) rules.set(ids.length, rule);
      ids.push(traits.maskId);
    }
    const endIds = openEnded.get(gap);
    if (endIds) {
      const beside = { before: ids.slice(0, start), behind: behindOf(layout, index, suffix) };
      const span = () => canvas.spans[gap]!;
      const repeats = piece.wish.singleLine
        ? repetitionOf(beside, span, () => canvas, tokenizer)
        : undefined;
      endings.set(gap, {
        ...endingOf(piece, endIds, tokenizer, traits),
        ...(repeats && { repeats }),
        ...(constraint && { mayEnd: constraint.mayEnd }),
      });
    }
    spans.push({ start, end: ids.length });
  }
  ids.push(...new Array<number>(fixed?.masksBehind ?? 0).fill(traits.maskId));
  ids.push(...suffix, ...layout.end);
  const { fromLeft } = traits;
  const options = { rules, endings, ...(fromLeft === undefined ? {} : { fromLeft }) };
  const canvas: Canvas = new Canvas(Int32Array.from(ids), spans, traits.maskId, options);
  return { canvas, at };
}

/** @param unwritten what ends gaps that are open-ended: predicted there and never written. */
function ruleFor(
  gap: GapPiece,
  slot: number,
  tokenizer: Tokenizer,
  unwritten: readonly number[],
): SlotRule | undefined {
  const { singleLine } = gap.wish;
  const fits = (id: number) =>
    !unwritten.includes(id) && !(singleLine && breaksLine(tokenizer, id));
  if (slot === 0 && gap.healed.length > 0) {
    return { narrow: true, allows: (id) => spells(tokenizer, id, gap.healed) && fits(id) };
  }
  return singleLine || unwritten.length > 0 ? { narrow: false, allows: fits } : undefined;
}

function endingOf(
  gap: GapPiece,
  endIds: readonly number[],
  tokenizer: Tokenizer,
  traits: ModelTraits,
): Ending {
  return {
    minLength: Math.max(gap.wish.minLength ?? 0, gap.healed.length > 0 ? 1 : 0),
    endIds,
    blankLossWeight: traits.blankLossWeight,
    ...(gap.wish.singleLine ? { breaksLine: (id) => breaksLine(tokenizer, id) } : {}),
  };
}

function breaksLine(tokenizer: Tokenizer, id: number): boolean {
  const bytes = tokenizer.bytesOf(id);
  return lineBreaks.some((byte) => bytes.includes(byte));
}

function spells(tokenizer: Tokenizer, id: number, beginning: Uint8Array): boolean {
  const bytes = tokenizer.bytesOf(id);
  return beginning.every((byte, index) => bytes[index] === byte);
}

/** The prefix without its beginning and the suffix without its end, as far as need be. */
function fit(
  layout: Layout,
  lengths: readonly number[],
  traits: ModelTraits,
): Pick<Layout, 'prefix' | 'suffix'> {
  const { start, prefix, suffix } = layout;
  const inner = layout.pieces.reduce((sum, p) => sum + (isGap(p) ? 0 : p.ids.length), 0);
  const slots = lengths.reduce((sum, length) => sum + length, 0);
  const fixed = start.length + inner + slots + layout.end.length;
  if (fixed > traits.maxTokens) throw tooLong(`${fixed} tokens`, traits, start.length > 1);
  const shares = shareRoom(traits.maxTokens - fixed, prefix.length, suffix.length);
  return cut(layout, shares);
}

function cut({ prefix, suffix }: Layout, shares: Shares): Pick<Layout, 'prefix' | 'suffix'> {
  return {
    prefix: prefix.slice(prefix.length - shares.prefix),
    suffix: suffix.slice(0, shares.suffix),
  };
}

/** Tokens of the outer texts that a canvas holds. */
export interface Shares {
  readonly prefix: number;
  readonly suffix: number;
}

/** The shares of a canvas that is laid over another one. */
export interface FixedShares extends Shares {
  /** Slots behind the last gap that belong to none, as those that a gap has closed before. */
  readonly masksBehind: number;
}

/** How many tokens of the context fit: two thirds before to one behind, where both are long. */
export function shareRoom(room: number, prefix: number, suffix: number): Shares {
  const behind = Math.min(suffix, Math.max(Math.floor(room / 3), room - prefix));
  return { prefix: Math.min(prefix, room - behind), suffix: behind };
}
