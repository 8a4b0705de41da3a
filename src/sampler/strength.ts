/**
 * Which tokens of a draft become masks. A share of what is not locked, chosen by the model's doubt
 * (each unit masked in turn, both sides given) or by the seed; every run of masked tokens becomes a
 * gap of its own, so what lies between two runs may move as a whole where they grow or shrink. A draft
 * on one line stays on one.
 * Knows no commit rule; what comes into the gaps is the denoising loop's business.
 */
import type { DraftWish } from '../protocol/messages';
import type { DraftPiece, GapPiece, GivenPiece, Layout, Sketch } from './layout';
import type { LengthModel } from './length';
import { provisionalSlots } from './lengthProbe';
import { isGap, makeCanvas } from './makeCanvas';
import { maskEach } from './maskEach';
import { seededRandom, type Random } from './random';

export interface MaskedDrafts {
  readonly layout: Layout;
  readonly forwards: number;
}

/** @throws DOMException `AbortError` between two forwards once `signal` is aborted. */
export async function maskDrafts(
  sketch: Sketch,
  model: LengthModel,
  { seed, signal }: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<MaskedDrafts> {
  const doubt = await scoreDrafts(sketch, model, signal);
  const random = seededRandom(seed);
  const pieces = sketch.pieces.flatMap((piece) =>
    piece.kind === 'draft' ? withMasks(piece, ranked(piece, doubt.scores, random)) : [piece],
  );
  return { layout: { ...sketch, pieces }, forwards: doubt.forwards };
}

/**
 * How many of `free` units a strength masks: the share rounded up, so that any strength above 0
 * asks for something, and 1 for everything that is not locked.
 */
export function maskCount(strength: number, free: number): number {
  const exact = strength * free - 1e-9; // 0.1 * 30 is 3.0000000000000004
  return Math.max(0, Math.min(free, Math.ceil(exact)));
}

function freeUnits({ units }: DraftPiece): number[] {
  return [...units.keys()].filter((index) => !units[index]!.locked);
}

/** True where the model has to be asked: neither nothing nor everything is masked. */
function needsScores(piece: DraftPiece): boolean {
  const free = freeUnits(piece).length;
  const count = maskCount(piece.wish.strength, free);
  return piece.wish.order !== 'random' && count > 0 && count < free;
}

type Scores = ReadonlyMap<DraftPiece, readonly number[]>;

/** For each draft that needs it, the probabilities of its free units where they stand. */
async function scoreDrafts(
  sketch: Sketch,
  model: LengthModel,
  signal: AbortSignal | undefined,
): Promise<{ scores: Scores; forwards: number }> {
  const drafts = sketch.pieces.filter((piece) => piece.kind === 'draft').filter(needsScores);
  if (drafts.length === 0) return { scores: new Map(), forwards: 0 };
  const layout = wholeDrafts(sketch);
  const lengths = layout.pieces.filter(isGap).map(({ wish: { length, maxLength } }) => {
    if (length !== 'auto') return length;
    return model.traits.blankId === undefined ? provisionalSlots : maxLength;
  });
  const { canvas, at } = makeCanvas(layout, lengths, model.tokenizer, model.traits);
  const targets = drafts.flatMap((piece) => {
    let end = at[sketch.pieces.indexOf(piece)]!;
    const places = piece.units.map(({ ids }) => ({ start: end, end: (end += ids.length) }));
    return freeUnits(piece).map((unit) => places[unit]!);
  });
  const { scores, forwards } = await maskEach(canvas.ids, targets, model, { signal });
  let next = 0;
  const byDraft = drafts.map((piece) => {
    const own = freeUnits(piece).map(() => scores[next++]!.probability);
    return [piece, own] as const;
  });
  return { scores: new Map(byDraft), forwards };
}

/** Every draft as it stands, nothing masked. */
export function wholeDrafts(sketch: Sketch): Layout {
  return { ...sketch, pieces: sketch.pieces.map(whole) };
}

/** The free units of a draft in the order in which they are masked. */
function ranked(piece: DraftPiece, scores: Scores, random: Random): number[] {
  const free = freeUnits(piece);
  if (piece.wish.order === 'random') return shuffled(free, random);
  const probability = scores.get(piece);
  if (probability === undefined) return free; // none or all
  const order = [...free.keys()].sort((a, b) => probability[a]! - probability[b]! || a - b);
  return order.map((index) => free[index]!);
}

function shuffled(values: readonly number[], random: Random): number[] {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}

function withMasks(piece: DraftPiece, order: readonly number[]): (GivenPiece | GapPiece)[] {
  const { units, wish } = piece;
  // Of the whole draft: a run of masks in a text of several lines may break one.
  const singleLine = !units.some(({ text }) => text.includes('\n'));
  const masked = new Set(order.slice(0, maskCount(wish.strength, order.length)));
  const pieces: (GivenPiece | GapPiece)[] = [];
  let from = 0;
  while (from < units.length) {
    let past = from + 1;
    while (past < units.length && masked.has(past) === masked.has(from)) past++;
    const run = { ...piece, units: units.slice(from, past) };
    pieces.push(masked.has(from) ? gapOf(run, singleLine) : whole(run));
    from = past;
  }
  return pieces;
}

function whole<Piece extends { readonly kind: string }>(
  piece: Piece | DraftPiece,
): Exclude<Piece, DraftPiece> | GivenPiece {
  if (piece.kind !== 'draft') return piece as Exclude<Piece, DraftPiece>;
  const { units, field } = piece as DraftPiece;
  return { kind: 'given', ids: units.flatMap(({ ids }) => ids), own: { field, units } };
}

/** At least one slot a run, so that shrinking never joins what stands left and right of it. */
function gapOf({ field, units, wish }: DraftPiece, singleLine: boolean): GapPiece {
  const slots = slotsOf(wish, units.flatMap(({ ids }) => ids).length);
  const own = { length: slots, maxLength: slots, singleLine };
  return { kind: 'gap', field, wish: own, healed: new Uint8Array() };
}

function slotsOf({ growth = 1 }: DraftWish, tokens: number): number {
  return Math.max(1, Math.round(tokens * growth));
}
