/**
 * What is done about a fill that does not suit the code around it: the likeliest other ways of its run are gone,
 * one after the other, until one suits. Costs a run each, and only where the first went wrong. Judges nothing.
 */
import type { Fill, FillStep, Misfit } from '../protocol/messages';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { bestSuited, type Canvas } from './canvas';
import { textsOfGaps } from './constraint';
import { fillOnce, type Filled, type FillRun, type Start } from './fillOnce';
import type { InfillModel, InfillOptions } from './infill';
import type { Layout } from './layout';
import { isGap } from './makeCanvas';
import type { Path } from './path';
import type { Demands } from './structure/demands';

/** Ways gone at most: of ten, the last six win one more of 457 lines for five forwards a fill (bench/RESULTS.md). */
const mostWays = 4;
/** While somebody types: the answer has to be there before the next key. */
const mostWaysTyping = 2;
/** For each of several gaps, and only where one does not suit in shape: a way runs all that come after it again. */
const mostWaysOfSeveral = 2;

/** A run's fills with what they fail of. */
export function judged(run: Filled, { demands, pieces }: Layout, tokenizer: Tokenizer): Filled {
  const suits = demands ? suitsOfGaps(run.canvas, demands, tokenizer) : [];
  if (suits.every((suit) => suit === bestSuited)) return run;
  const fields = pieces.filter(isGap).map(({ field }) => field);
  const fills = run.fills.map((fill, field) => {
    const worst = Math.min(...suits.filter((_, gap) => fields[gap] === field));
    if (worst >= bestSuited) return fill;
    const misfit: Misfit = worst === 1 ? 'names' : 'shape';
    return { ...fill, misfit };
  });
  return { ...run, fills };
}

/** How well each gap suits, up to `bestSuited`. */
function suitsOfGaps(canvas: Canvas, demands: Demands, tokenizer: Tokenizer): readonly number[] {
  const texts = textsOfGaps(canvas, tokenizer);
  return texts.map((text = '', gap) => demands.at(gap, texts)?.judge(text) ?? bestSuited);
}

/** Higher for an answer that suits better. */
function suitsOf(fills: readonly Fill[]): number {
  const misfits = fills.map(({ misfit }) => misfit);
  return misfits.includes('shape') ? 0 : misfits.includes('names') ? 1 : bestSuited;
}

/** The answers in their order, those first that suit better. */
export function suitedFirst(answers: readonly (readonly Fill[])[]): (readonly Fill[])[] {
  return answers.toSorted((a, b) => suitsOf(b) - suitsOf(a));
}

/**
 * The first run, or one that goes another way where a gap does not suit, and so for one gap after the other. Steps of
 * the run that is taken follow those of the first one, which it takes back as far as they part.
 */
export async function repaired(
  first: Filled,
  path: Path,
  demands: Demands,
  start: Start,
  model: InfillModel,
  { sampling = {}, signal, stepsLeft, onStep, contexts }: InfillOptions,
): Promise<Filled> {
  const { tokenizer } = model;
  const isAlone = demands.count === 1;
  const ways = contexts ? mostWaysTyping : isAlone ? mostWays : mostWaysOfSeveral;
  const enough = isAlone ? bestSuited : 1;
  let best = first;
  let bestPath = path;
  let bestSteps: readonly FillStep[] = [];
  let { forwards } = first;
  let suits = suitsOfGaps(first.canvas, demands, tokenizer);
  for (let gap = 0; gap < suits.length; gap++) {
    const from = bestPath;
    for (const branch of from.likeliest(ways, gap)) {
      if (suits[gap]! >= enough || (stepsLeft?.() ?? Infinity) <= 1) break;
      const steps: FillStep[] = [];
      const run: FillRun = {
        ...{ signal, stepsLeft, path: from.from(branch), from: { path: from, branch } },
        onStep: (step) => steps.push(step),
      };
      const other = await fillOnce({ ...start, forwards }, model, sampling, run);
      ({ forwards } = other);
      const otherSuits = suitsOfGaps(other.canvas, demands, tokenizer);
      if (!isBetter(otherSuits, suits, gap)) continue;
      [best, bestPath, bestSteps, suits] = [other, run.path!, steps, otherSuits];
    }
  }
  for (const step of bestSteps) onStep?.({ ...step, step: first.steps + 1 + step.step });
  const steps = first.steps + bestSteps.length;
  return { ...judged(best, start.layout, tokenizer), steps, forwards };
}

/** The gap suits better, and so do all of them together. */
function isBetter(some: readonly number[], others: readonly number[], gap: number): boolean {
  const sum = (suits: readonly number[]) => suits.reduce((all, suit) => all + suit, 0);
  return some[gap]! > others[gap]! && sum(some) > sum(others);
}
