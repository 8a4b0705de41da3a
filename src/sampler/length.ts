/**
 * How many tokens a gap gets. Three ways: the caller says; the model says while it fills (it was
 * trained to put blanks into the slots it does not need); or several lengths are probed and scored. Length is what
 * most of a fill's quality hangs on (single-line pass rates of one 7B model: 55 % with an average
 * length, 92 % with a trained choice). Knows no commit rule and writes no token.
 */
import type { Denoiser } from '../model/denoiser';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { Canvas } from './canvas';
import { Forwarder } from './forwarder';
import type { Layout } from './layout';
import { certainty, lengthCorrected } from './lengthScore';
import { isGap, makeCanvas } from './makeCanvas';
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
  readonly openEnded: ReadonlySet<number>;
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
    return { lengths: wished.map(Number), openEnded: new Set(), forwards: 0 };
  }
  signal?.throwIfAborted();
  if (model.traits.blankId === undefined) return probe(layout, wished, open, model, signal);
  const lengths = wished.map((length, gap) => length ?? gaps[gap]!.wish.maxLength);
  return { lengths, openEnded: new Set(open), forwards: 0 };
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
): Promise<LengthChoice> {
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
  return { lengths, openEnded: new Set(), forwards };
}

/** Mean negative entropy of one fully masked gap, nats. */
async function certaintyOf(canvas: Canvas, gap: number, model: LengthModel): Promise<number> {
  const { start, end } = canvas.spans[gap]!;
  const positions = Array.from({ length: end - start }, (_, offset) => start + offset);
  const { traits, denoiser } = model;
  const forwarder = new Forwarder(canvas, denoiser, traits, 1, [traits.maskId]);
  const { stats } = await forwarder.predict(positions);
  const sum = positions.reduce((t, _, row) => t + certainty(stats, row, denoiser.vocabSize), 0);
  return sum / positions.length;
}
