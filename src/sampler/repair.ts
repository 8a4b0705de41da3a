/**
 * What is done about a fill that does not suit the code around it: the likeliest other ways of its run are gone,
 * one after the other, until one suits. Costs a run each, and only where the first went wrong. Judges nothing.
 */
import type { Fill, FillStep, Misfit } from '../protocol/messages';
import { bestSuited } from './canvas';
import { fillOnce, type Filled, type FillRun, type Start } from './fillOnce';
import type { InfillModel, InfillOptions } from './infill';
import type { Layout } from './layout';
import type { Path } from './path';
import type { Demand } from './structure/demand';

/** Ways gone at most: of ten, the last six win one more of 457 lines for five forwards a fill (bench/RESULTS.md). */
const mostWays = 4;
/** While somebody types: the answer has to be there before the next key. */
const mostWaysTyping = 2;

export function demandOf({ pieces }: Layout): Demand | undefined {
  for (const piece of pieces) if (piece.kind === 'gap' && piece.demand) return piece.demand;
  return undefined;
}

/** A run's fills with what they fail of; a request with a demand has one field. */
export function judged(run: Filled, demand: Demand | undefined): Filled {
  const suits = demand?.judge(run.fills[0]!.text) ?? bestSuited;
  if (suits === bestSuited) return run;
  const misfit: Misfit = suits === 1 ? 'names' : 'shape';
  return { ...run, fills: run.fills.map((fill) => ({ ...fill, misfit })) };
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
 * The first run, or a way from it that suits better. Steps of the way that is taken follow those of the first
 * run, which it takes back as far as they part.
 */
export async function repaired(
  first: Filled,
  path: Path,
  demand: Demand,
  start: Start,
  model: InfillModel,
  { sampling = {}, signal, stepsLeft, onStep, contexts }: InfillOptions,
): Promise<Filled> {
  let best = first;
  let bestSteps: readonly FillStep[] = [];
  let forwards = first.forwards;
  for (const branch of path.likeliest(contexts ? mostWaysTyping : mostWays)) {
    if (suitsOf(best.fills) === bestSuited || (stepsLeft?.() ?? Infinity) <= 1) break;
    const steps: FillStep[] = [];
    const run: FillRun = {
      signal,
      stepsLeft,
      from: { path, branch },
      onStep: (step) => steps.push(step),
    };
    const other = judged(await fillOnce({ ...start, forwards }, model, sampling, run), demand);
    ({ forwards } = other);
    if (suitsOf(other.fills) > suitsOf(best.fills)) [best, bestSteps] = [other, steps];
  }
  for (const step of bestSteps) onStep?.({ ...step, step: first.steps + 1 + step.step });
  const steps = first.steps + bestSteps.length;
  return { ...best, steps, forwards };
}
