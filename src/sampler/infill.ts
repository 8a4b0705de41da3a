/**
 * Text in, text out: lays out the canvas, lets the lengths be chosen, denoises, reads the fills.
 * The order of a request, nothing more; each part is a file of its own. No process, no editor, no
 * clock.
 */
import type { Denoiser } from '../model/denoiser';
import type { Fill, FillStep, Part, SamplingOptions } from '../protocol/messages';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { denoise } from './denoise';
import { readFill, readStep } from './fillText';
import { layOut, makeCanvas } from './layout';
import { chooseLengths } from './length';
import type { ModelTraits } from './traits';

export interface InfillModel {
  readonly denoiser: Denoiser;
  readonly tokenizer: Tokenizer;
  readonly traits: ModelTraits;
}

export interface InfillOptions {
  readonly sampling?: SamplingOptions;
  readonly languageId?: string;
  readonly signal?: AbortSignal;
  /** Called with the masked canvas first, then after every denoise step. */
  readonly onStep?: (step: FillStep) => void;
}

export interface InfillResult {
  /** One for each gap, in document order. */
  readonly fills: readonly Fill[];
  readonly steps: number;
  readonly forwards: number;
}

/**
 * What differs from the token-level defaults: the context's keys and values are cached. A gap is
 * rarely longer than this many steps, so its context is computed once.
 */
export const textSampling = { refreshEvery: 32 } as const satisfies SamplingOptions;

/**
 * Fills every gap of `parts` so that they agree with each other and with the text around them.
 * @throws LacunaError `contextTooLong`; DOMException `AbortError` once the signal is aborted.
 */
export async function infill(
  parts: readonly Part[],
  model: InfillModel,
  options: InfillOptions = {},
): Promise<InfillResult> {
  const { tokenizer, traits, denoiser } = model;
  const layout = layOut(parts, tokenizer, traits, options.languageId);
  const choice = await chooseLengths(layout, model, options.signal);
  const canvas = makeCanvas(layout, choice.lengths, tokenizer, traits, choice.openEnded);
  const banned = bannedIds(tokenizer, denoiser.vocabSize).filter(
    (id) => choice.openEnded.size === 0 || id !== traits.blankId,
  );
  const certainties = choice.lengths.map(() => 1);
  const filled = { canvas, layout, tokenizer };
  let steps = 0;
  let forwards = choice.forwards;
  const show = (fresh: readonly number[]) =>
    options.onStep?.({ step: steps, forwards, ...readStep(filled, fresh) });
  show([]);
  const run = denoise(canvas, denoiser, traits, {
    ...textSampling,
    ...options.sampling,
    banned,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  for await (const step of run) {
    steps++;
    forwards = choice.forwards + step.forwards;
    for (const { span, certainty } of step.closed) certainties[span] = certainty;
    show(step.committed);
  }
  const fills = certainties.map((certainty, gap) => readFill(filled, gap, certainty));
  return { fills, steps, forwards };
}

/** Ids that stand for no text, and rows of the model that the tokenizer has no entry for. */
function bannedIds(tokenizer: Tokenizer, vocabSize: number): number[] {
  const padding = Array.from(
    { length: Math.max(0, vocabSize - tokenizer.size) },
    (_, offset) => tokenizer.size + offset,
  );
  return [...tokenizer.specialIds.filter((id) => id < vocabSize), ...padding];
}
