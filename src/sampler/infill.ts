/**
 * Text in, text out: lays out the canvas, masks the drafts, lets the lengths be chosen, denoises,
 * reads the fills. The order of a request, nothing more; each part is a file of its own. No process,
 * no editor, no clock.
 */
import type { Denoiser } from '../model/denoiser';
import type { Fill, FillStep, Part, SamplingOptions, VariantRank } from '../protocol/messages';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { anchored } from './anchor';
import { defaultSampling } from './denoise';
import { fillOnce, textSampling, type Filled, type Origin, type Start } from './fillOnce';
import { Opening } from './forwarder';
import type { ContextStore } from './keptContext';
import { layOut, type Sketch } from './layout';
import { chooseLengths } from './length';
import { Path } from './path';
import { judged, repaired, suitedFirst } from './repair';
import { maskDrafts } from './strength';
import { rankByFit } from './suffixFit';
import type { ModelTraits } from './traits';
import { bestFirst, distinct, variantSampling } from './variants';

export interface InfillModel {
  readonly denoiser: Denoiser;
  readonly tokenizer: Tokenizer;
  readonly traits: ModelTraits;
}

export interface InfillOptions {
  readonly sampling?: SamplingOptions;
  readonly languageId?: string;
  readonly instruction?: string;
  /** Different answers wanted, the first included. */
  readonly variants?: number;
  /**
   * Contexts that survive from request to request. Where this one differs from the last by what was
   * typed at the gap, its context is taken as it is (approximate).
   */
  readonly contexts?: ContextStore | undefined;
  /** Denoise steps that the time still allows. */
  readonly stepsLeft?: (() => number) | undefined;
  /** See FillParams. */
  readonly mend?: boolean;
  /** What orders them; see FillParams. */
  readonly rank?: VariantRank;
  readonly signal?: AbortSignal;
  /** Called with the masked canvas first, then after every denoise step of the first variant. */
  readonly onStep?: (step: FillStep) => void;
}

export interface InfillResult {
  /** One for each gap or draft, in document order. */
  readonly fills: readonly Fill[];
  /** Where more than one variant was asked for: those after the first. */
  readonly alternatives?: readonly (readonly Fill[])[];
  /** Of the first variant. */
  readonly steps: number;
  /** Of the whole request. */
  readonly forwards: number;
}

/**
 * Fills every gap and denoises every draft of `parts` so that they agree with each other and with
 * the text around them.
 * @throws LacunaError `contextTooLong`; DOMException `AbortError` once the signal is aborted.
 */
export async function infill(
  parts: readonly Part[],
  model: InfillModel,
  options: InfillOptions = {},
): Promise<InfillResult> {
  const { constrain } = options.sampling ?? {};
  const sketch = layOut(parts, model.tokenizer, model.traits, { ...options, constrain });
  return fillSketch(sketch, model, options);
}

/** The same for a canvas that was laid out already. */
export async function fillSketch(
  sketch: Sketch,
  model: InfillModel,
  options: InfillOptions = {},
): Promise<InfillResult> {
  const { sampling = {}, signal, stepsLeft, variants = 1, rank, onStep } = options;
  const { tokenizer } = model;
  const isRanked = rank === 'fit' && variants > 1;
  const seed = sampling.seed ?? defaultSampling.seed;
  const { layout, forwards } = await maskDrafts(sketch, model, { seed, signal });
  const { refreshEvery, temperature } = { ...textSampling, ...model.traits.sampling, ...sampling };
  const policy = sampling.lengthPolicy;
  const choice = await chooseLengths(layout, model, { policy, refreshEvery, signal });
  const before = forwards + choice.forwards;
  const opening = choice.opening ?? new Opening();
  const start: Start = {
    layout,
    choice,
    forwards: before,
    opening,
    ...(options.contexts && anchored(layout, choice, options.contexts)),
  };
  try {
    // Where tokens are drawn another seed gives another answer; a canvas that is laid anew has no way back.
    const isGreedy = !((temperature ?? 0) > 0) && choice.growing.size === 0;
    const { demands } = layout;
    const canMend =
      demands && options.mend !== false && variants === 1 && !sampling.resumes?.length;
    const path = isGreedy && (isRanked || canMend) ? new Path() : undefined;
    const run = await fillOnce(start, model, sampling, { signal, stepsLeft, onStep, path });
    const first =
      path && canMend
        ? await repaired(run, path, demands, start, model, options)
        : judged(run, layout, tokenizer);
    const others: Filled[] = [];
    const more = first.steps > 0 ? variants - 1 : 0;
    const ways: FillWay[] =
      path?.likeliest(more).map((branch) => ({ from: { path, branch } })) ??
      Array.from({ length: more }, (_, index) => ({ variant: index + 1 }));
    for (const { variant, from } of ways) {
      const own = variant === undefined ? sampling : variantSampling(sampling, variant);
      const other = await fillOnce(start, model, own, { signal, stepsLeft, from });
      others.push(judged(other, layout, tokenizer));
    }
    const { steps } = first;
    const spent = others.reduce((sum, run) => sum + run.forwards - before, first.forwards);
    if (!isRanked) {
      const alternatives = suitedFirst(
        bestFirst(
          first.fills,
          others.map(({ fills }) => fills),
        ),
      );
      return { fills: first.fills, ...(variants > 1 && { alternatives }), steps, forwards: spent };
    }
    const different = distinct([first, ...others], ({ fills }) => fills);
    const ranked = await rankByFit(different, layout, model, signal);
    const [best, ...rest] = suitedFirst(ranked.answers.map(({ fills }) => fills));
    return { fills: best!, alternatives: rest, steps, forwards: spent + ranked.forwards };
  } finally {
    start.opening.dispose();
  }
}

/** How a variant after the first is made: with another seed, or from a branch of the first. */
interface FillWay {
  readonly variant?: number;
  readonly from?: Origin;
}
