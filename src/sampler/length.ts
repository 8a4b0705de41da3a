/**
 * How many tokens a gap gets. The caller says; or the model while it fills (it was trained to put blanks
 * into the slots it does not need, or to split and drop slots, or it ends its answers with a token of
 * its own); or a length predictor says, and its best guesses are tried; or lengths are probed and scored. Length is what
 * most of a fill's quality hangs on (single-line pass rates of one 7B model: 55 % with an average
 * length, 92 % with a trained choice). Knows no commit rule and writes no token.
 */
import type { Denoiser } from '../model/denoiser';
import type { LengthPolicyName } from '../protocol/messages';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { Canvas } from './canvas';
import type { Opening } from './forwarder';
import type { GapPiece, Layout } from './layout';
import { probeLength, provisionalSlots, type ProbeOptions } from './lengthProbe';
import { bannedIds } from './bannedIds';
import type { Bounds } from './relay';
import { chooseByBeam } from './lengthBeam';
import { isGap, makeCanvas, type OpenEnded } from './makeCanvas';
import type { ModelTraits } from './traits';

export interface LengthModel {
  readonly denoiser: Denoiser;
  readonly tokenizer: Tokenizer;
  readonly traits: ModelTraits;
}

export interface LengthChoice {
  /**
   * Tokens of each gap of the layout, the healed one included; slots where the model finds the end
   * itself.
   */
  readonly lengths: readonly number[];
  /** Gaps whose end is found while they are filled (src/sampler/ending.ts). */
  readonly openEnded: OpenEnded;
  /** Gaps that grow and shrink while they are filled (src/sampler/growing.ts). */
  readonly growing: ReadonlyMap<number, Bounds>;
  readonly forwards: number;
  /** The first forward over the canvas of these lengths, where a probe has run it; the caller's to dispose. */
  readonly opening?: Opening;
}

export interface LengthOptions {
  readonly policy?: LengthPolicyName | undefined;
  /** Of the run that follows: a probe's keys and values are kept for it where it uses any. */
  readonly refreshEvery?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Lengths said by the caller stay; of the others the policy decides, else what the model was trained for. */
export async function chooseLengths(
  layout: Layout,
  model: LengthModel,
  { policy = 'model', refreshEvery = 1, signal }: LengthOptions = {},
): Promise<LengthChoice> {
  const gaps = layout.pieces.filter(isGap);
  const wished = gaps.map(({ wish, healed }) =>
    wish.length === 'auto' ? undefined : wish.length + (healed.length > 0 ? 1 : 0),
  );
  const open = wished.flatMap((length, gap) => (length === undefined ? [gap] : []));
  if (open.length === 0) {
    return { lengths: wished.map(Number), openEnded: new Map(), growing: new Map(), forwards: 0 };
  }
  signal?.throwIfAborted();
  const { traits, denoiser } = model;
  const { blankId, expandId, deleteId } = traits;
  const probing =
    (score: ProbeOptions['score'], keepsFirst = true): Search =>
    (gap, canvasOf, bounds) =>
      probeLength(gap, canvasOf, bounds, model, { score, keepsFirst, refreshEvery, signal });
  if (policy !== 'model') {
    const found = await oneByOne(layout, wished, open, model, probing(policy));
    return { ...found, openEnded: new Map(), growing: new Map() };
  }
  if (blankId !== undefined) {
    const lengths = wished.map((length, gap) => length ?? gaps[gap]!.wish.maxLength);
    const openEnded = new Map(open.map((gap) => [gap, [blankId]]));
    return { lengths, openEnded, growing: new Map(), forwards: 0 };
  }
  if (expandId !== undefined && deleteId !== undefined) {
    const growing = new Map(open.map((gap) => [gap, boundsOf(gaps[gap]!)]));
    const lengths = wished.map((length, gap) => length ?? firstLength(growing.get(gap)!));
    return { lengths, openEnded: new Map(), growing, forwards: 0 };
  }
  const tail = tailGap(layout, open, traits);
  const others = open.filter((gap) => gap !== tail);
  const fixed = wished.map((length, gap) => (gap === tail ? gaps[gap]!.wish.maxLength : length));
  const openEnded = tail === undefined ? new Map() : new Map([[tail, traits.tailIds!]]);
  const isPredicted = traits.predictsLength === true && denoiser.predictLength !== undefined;
  // The end of an answer is banned in a probe and not in the run: no forward can serve both.
  const search = isPredicted ? predicting(model, signal) : probing('lr-dllm', tail === undefined);
  const found = await oneByOne(layout, fixed, others, model, search);
  return { ...found, openEnded, growing: new Map() };
}

function boundsOf({ wish, healed }: GapPiece): Bounds {
  const least = Math.max(wish.minLength ?? 0, healed.length > 0 ? 1 : 0);
  return { least, most: Math.max(least, wish.maxLength, 1) };
}

/** A gap that grows begins small: each expansion doubles a slot, and a delete drops the rest. */
function firstLength({ least, most }: Bounds): number {
  return Math.min(most, Math.max(least, provisionalSlots));
}

/** The gap that nothing follows, of a model that says where its answers end. */
function tailGap(
  layout: Layout,
  open: readonly number[],
  { tailIds = [] }: ModelTraits,
): number | undefined {
  const last = layout.pieces.at(-1);
  const gap = layout.pieces.filter(isGap).length - 1;
  const isLast = last !== undefined && isGap(last) && layout.suffix.length === 0;
  return tailIds.length > 0 && isLast && open.includes(gap) ? gap : undefined;
}

type Found = Pick<LengthChoice, 'lengths' | 'forwards' | 'opening'>;

/** Finds the length of one gap; the canvas has the lengths of all others as far as they are known. */
type Search = (
  gap: number,
  canvasOf: (length: number) => Canvas,
  bounds: Bounds,
) => Promise<{ readonly length: number; readonly forwards: number; readonly opening?: Opening }>;

/**
 * Gaps one after the other, the ones still open holding eight tokens. The last search has all others' lengths
 * before it, so a forward of it over the length it chose is one over the canvas that is denoised.
 */
async function oneByOne(
  layout: Layout,
  wished: readonly (number | undefined)[],
  open: readonly number[],
  { tokenizer, traits }: LengthModel,
  search: Search,
): Promise<Found> {
  const gaps = layout.pieces.filter(isGap);
  const lengths = wished.map((length) => length ?? provisionalSlots);
  let forwards = 0;
  let opening: Opening | undefined;
  for (const gap of open) {
    opening?.dispose();
    opening = undefined;
    if (gaps[gap]!.wish.maxLength === 0) {
      lengths[gap] = 0; // the lesser half of a limit of one token
      continue;
    }
    const { least, most } = boundsOf(gaps[gap]!);
    const canvasOf = (length: number) =>
      makeCanvas(layout, lengths.with(gap, length), tokenizer, traits).canvas;
    const found = await search(gap, canvasOf, { least: Math.max(1, least), most });
    lengths[gap] = found.length;
    forwards += found.forwards;
    opening = found.opening;
  }
  return { lengths, forwards, ...(opening && { opening }) };
}

/** The likeliest lengths by the text before a gap, all of them tried (seed 2's length beam). */
function predicting({ denoiser, tokenizer, traits }: LengthModel, signal?: AbortSignal): Search {
  const banned = bannedIds(tokenizer, denoiser.vocabSize);
  return (gap, canvasOf, bounds) => {
    const { ids, spans, masked } = canvasOf(bounds.least);
    const prompt = ids.slice(0, spans[gap]!.start).filter((_, p) => !masked[p]);
    return chooseByBeam({ prompt, gap, canvasOf, bounds, banned }, denoiser, traits, signal);
  };
}
