/**
 * Text in, text out: lays out the canvas, masks the drafts, lets the lengths be chosen, denoises,
 * reads the fills. The order of a request, nothing more; each part is a file of its own. No process,
 * no editor, no clock.
 */
import type { Denoiser } from '../model/denoiser';
import type { Fill, FillStep, Part, SamplingOptions } from '../protocol/messages';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { bannedIds } from './bannedIds';
import type { Canvas } from './canvas';
import { defaultSampling, denoise, type DenoiseStep } from './denoise';
import { readFill, readStep } from './fillText';
import { Opening } from './forwarder';
import { denoiseGrowing } from './growing';
import { growthTokens } from './relay';
import { layOut, type Layout, type Sketch } from './layout';
import { chooseLengths, type LengthChoice } from './length';
import { makeCanvas } from './makeCanvas';
import { maskDrafts } from './strength';
import type { ModelTraits } from './traits';
import { bestFirst, variantSampling } from './variants';

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
 * What differs from the token-level defaults: the context's keys and values are cached. A gap is
 * rarely longer than this many steps, so its context is computed once.
 */
export const textSampling = { refreshEvery: 32 } as const satisfies SamplingOptions;

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
  return fillSketch(layOut(parts, model.tokenizer, model.traits, options), model, options);
}

/** The same for a canvas that was laid out already. */
export async function fillSketch(
  sketch: Sketch,
  model: InfillModel,
  options: InfillOptions = {},
): Promise<InfillResult> {
  const { sampling = {}, signal, variants = 1, onStep } = options;
  const seed = sampling.seed ?? defaultSampling.seed;
  const { layout, forwards } = await maskDrafts(sketch, model, { seed, signal });
  const { refreshEvery } = { ...textSampling, ...model.traits.sampling, ...sampling };
  const policy = sampling.lengthPolicy;
  const choice = await chooseLengths(layout, model, { policy, refreshEvery, signal });
  const before = forwards + choice.forwards;
  const opening = choice.opening ?? new Opening();
  const start: Start = { layout, choice, forwards: before, opening };
  try {
    const first = await fillOnce(start, model, sampling, { signal, onStep });
    const others: Filled[] = [];
    const isDrawn = first.steps > 0;
    for (let variant = 1; isDrawn && variant < variants; variant++) {
      others.push(await fillOnce(start, model, variantSampling(sampling, variant), { signal }));
    }
    const { fills, steps } = first;
    const total = others.reduce((sum, { forwards }) => sum + forwards - before, first.forwards);
    return {
      fills,
      ...(variants > 1 && {
        alternatives: bestFirst(
          fills,
          others.map((other) => other.fills),
        ),
      }),
      steps,
      forwards: total,
    };
  } finally {
    start.opening.dispose();
  }
}

/** What all variants share. */
interface Start {
  readonly layout: Layout;
  readonly choice: LengthChoice;
  /** Run so far. */
  readonly forwards: number;
  readonly opening: Opening;
}

type Filled = Omit<InfillResult, 'alternatives'>;

async function fillOnce(
  { layout, choice, forwards: before, opening }: Start,
  { tokenizer, traits, denoiser }: InfillModel,
  sampling: SamplingOptions,
  {
    signal,
    onStep,
  }: {
    readonly signal?: AbortSignal | undefined;
    readonly onStep?: InfillOptions['onStep'] | undefined;
  },
): Promise<Filled> {
  const { canvas } = makeCanvas(layout, choice.lengths, tokenizer, traits, choice.openEnded);
  const { growing, openEnded } = choice;
  const wanted = [...openEnded.values()].flat();
  if (growing.size > 0) wanted.push(...growthTokens(traits));
  const banned = bannedIds(tokenizer, denoiser.vocabSize).filter((id) => !wanted.includes(id));
  const certainties = choice.lengths.map(() => 1);
  let filled = { canvas, layout, tokenizer };
  let steps = 0;
  let forwards = before;
  const show = (fresh: readonly number[]) =>
    onStep?.({ step: steps, forwards, ...readStep(filled, fresh) });
  show([]);
  const settings = {
    ...textSampling,
    ...traits.sampling,
    ...sampling,
    banned,
    opening,
    ...(signal === undefined ? {} : { signal }),
  };
  const run: AsyncGenerator<DenoiseStep & { readonly canvas?: Canvas }> =
    growing.size > 0
      ? denoiseGrowing(canvas, growing, denoiser, traits, settings)
      : denoise(canvas, denoiser, traits, settings);
  for await (const step of run) {
    if (step.canvas) filled = { ...filled, canvas: step.canvas };
    steps++;
    forwards = before + step.forwards;
    for (const { span, certainty } of step.closed) certainties[span] = certainty;
    show(step.committed);
  }
  const fills = Array.from({ length: layout.fields }, (_, field) =>
    readFill(filled, field, certainties),
  );
  return { fills, steps, forwards };
}
