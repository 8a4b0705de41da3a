/**
 * How many tokens a gap gets. The caller says; or the model while it fills (it was trained to put blanks
 * into the slots it does not need, or to split and drop slots, or it ends its answers with a token of
 * its own); or a length predictor says, and its best guesses are tried; or lengths are probed and scored. Length is what
 * most of a fill's quality hangs on (single-line pass rates of one 7B model: 55 % with an average
 * length, 92 % with a trained choice). Knows no commit rule and writes no token.
 */
import type { Denoiser } from '../model/denoiser';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { Canvas } from './canvas';
import { Forwarder } from './forwarder';
import type { GapPiece, Layout } from './layout';
import { certainty, lengthCorrected } from './lengthScore';
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
}

/** Masks that a gap holds while its length is not known yet. */
export const provisionalSlots = 8;

/** Lengths that cover 98 % of single lines, of HumanEval-Infilling, then blocks. */
const probedLengths = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128];

export async function chooseLengths(
  layout: Layout,
  model: LengthModel,
  signal?: AbortSignal,
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
  const found = await (isPredicted ? predict : probe)(layout, fixed, others, model, signal);
  return { ...found, openEnded, growing: new Map() };
}

type Found = Pick<LengthChoice, 'lengths' | 'forwards'>;

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

/**
 * The likeliest lengths by the text before each gap, all of them tried (seed 2's length beam). Gaps are
 * taken one after the other, the ones still open holding eight tokens.
 */
async function predict(
  layout: Layout,
  wished: readonly (number | undefined)[],
  open: readonly number[],
  model: LengthModel,
  signal?: AbortSignal,
): Promise<Found> {
  const gaps = layout.pieces.filter(isGap);
  const lengths = wished.map((length) => length ?? provisionalSlots);
  let forwards = 0;
  for (const gap of open) {
    const { least, most } = boundsOf(gaps[gap]!);
    const canvasOf = (length: number) =>
      makeCanvas(layout, lengths.with(gap, length), model.tokenizer, model.traits).canvas;
    const sample = canvasOf(Math.max(1, least));
    const prompt = sample.ids
      .slice(0, sample.spans[gap]!.start)
      .filter((_, p) => !sample.masked[p]);
    const banned = bannedIds(model.tokenizer, model.denoiser.vocabSize);
    const bounds = { least: Math.max(1, least), most };
    const request = { prompt, gap, canvasOf, bounds, banned };
    const choice = await chooseByBeam(request, model.denoiser, model.traits, signal);
    lengths[gap] = choice.length;
    forwards += choice.forwards;
  }
  return { lengths, forwards };
}

/**
 * LR-DLLM's first stage (arXiv 2602.07546): the mean negative entropy of the fully masked gap,
 * corrected for its own dependence on the length by a line fitted to this request's probes. Gaps
 * are probed one after the other, the ones still open holding eight tokens.
 */
async function probe(
  layout: Layout,
  wished: readonly (number | undefined)[],
  open: readonly number[],
  model: LengthModel,
  signal?: AbortSignal,
): Promise<Found> {
  const gaps = layout.pieces.filter(isGap);
  const lengths = wished.map((length) => length ?? provisionalSlots);
  let forwards = 0;
  for (const gap of open) {
    const { wish, healed } = gaps[gap]!;
    if (wish.maxLength === 0) {
      lengths[gap] = 0; // the lesser half of a limit of one token
      continue;
    }
    const least = Math.max(1, wish.minLength ?? 0, healed.length > 0 ? 1 : 0);
    const most = Math.max(least, wish.maxLength);
    const probes: { length: number; score: number }[] = [];
    for (const length of probedLengths.filter((l) => l >= least && l <= most)) {
      signal?.throwIfAborted();
      lengths[gap] = length;
      const { canvas } = makeCanvas(layout, lengths, model.tokenizer, model.traits);
      probes.push({ length, score: await certaintyOf(canvas, gap, model) });
      forwards++;
    }
    lengths[gap] = lengthCorrected(probes) ?? least;
  }
  return { lengths, forwards };
}

/** Mean negative entropy of one fully masked gap, nats. */
async function certaintyOf(canvas: Canvas, gap: number, model: LengthModel): Promise<number> {
  const { start, end } = canvas.spans[gap]!;
  const positions = Array.from({ length: end - start }, (_, offset) => start + offset);
  const { traits, denoiser } = model;
  const forwarder = new Forwarder(canvas, denoiser, traits, {
    refreshEvery: 1,
    banned: [traits.maskId],
  });
  const { stats } = await forwarder.predict(positions);
  const sum = positions.reduce((t, _, row) => t + certainty(stats, row, denoiser.vocabSize), 0);
  return sum / positions.length;
}
