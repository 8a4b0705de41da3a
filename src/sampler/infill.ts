/**
 * Text in, text out: the only file that knows both words and ids. Lays out the canvas, lets the
 * lengths be chosen, denoises, and cuts the fills out of the whole canvas's bytes, so that a fill
 * never loses a leading space or half a character to the seam. No process, no editor, no clock.
 */
import type { Denoiser } from '../model/denoiser';
import type { Fill, FillStep, Part, SamplingOptions, StepToken } from '../protocol/messages';
import { concatenate, type Tokenizer } from '../tokenizer/tokenizer';
import type { Canvas } from './canvas';
import { denoise } from './denoise';
import { layOut, makeCanvas, type Layout } from './layout';
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
  const canvas = makeCanvas(layout, choice.lengths, tokenizer, traits);
  const banned = bannedIds(tokenizer, denoiser.vocabSize);
  let steps = 0;
  let forwards = choice.forwards;
  options.onStep?.(describe(canvas, tokenizer, { step: 0, forwards, fresh: [] }));
  const run = denoise(canvas, denoiser, traits, {
    ...options.sampling,
    banned,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  for await (const step of run) {
    steps++;
    forwards = choice.forwards + step.forwards;
    options.onStep?.(describe(canvas, tokenizer, { step: steps, forwards, fresh: step.committed }));
  }
  const fills = canvas.spans.map((_, gap) =>
    cutFill(canvas, layout, gap, tokenizer, choice.certainties[gap]!),
  );
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

function cutFill(
  canvas: Canvas,
  layout: Layout,
  gap: number,
  tokenizer: Tokenizer,
  lengthCertainty: number,
): Fill {
  const { start, end } = canvas.spans[gap]!;
  const healed = layout.gaps[gap]!.healed;
  const ids = [...canvas.ids.subarray(start, end)];
  const bytes = concatenate(ids.map((id) => tokenizer.bytesOf(id))).subarray(healed.length);
  const tokens = ids.map((id, slot) => ({
    text:
      slot === 0 ? textOf(tokenizer.bytesOf(id).subarray(healed.length)) : tokenizer.decode([id]),
    confidence: canvas.confidence[start + slot]!,
  }));
  const meanLog = tokens.reduce((sum, t) => sum + Math.log(Math.max(1e-12, t.confidence)), 0);
  return {
    text: textOf(bytes),
    tokens,
    confidence: tokens.length === 0 ? lengthCertainty : Math.exp(meanLog / tokens.length),
  };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function describe(
  canvas: Canvas,
  tokenizer: Tokenizer,
  { step, forwards, fresh }: { step: number; forwards: number; fresh: readonly number[] },
): FillStep {
  const now = new Set(fresh);
  const gaps = canvas.spans.map(({ start, end }) =>
    Array.from({ length: end - start }, (_, offset): StepToken => {
      const position = start + offset;
      if (canvas.masked[position]) return {};
      return {
        text: tokenizer.decode([canvas.ids[position]!]),
        confidence: canvas.confidence[position]!,
        ...(now.has(position) ? { fresh: true } : {}),
      };
    }),
  );
  return { step, forwards, maskedTokens: canvas.maskedCount(), gaps };
}
