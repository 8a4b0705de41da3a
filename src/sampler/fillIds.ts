/**
 * Fills given as token ids: no tokenizer, no seams, and lengths are chosen only by models that do so. What checks of other
 * implementations and token-level experiments use. Knows no text.
 */
import type { Denoiser } from '../model/denoiser';
import { LacunaError } from '../protocol/errors';
import { Canvas, type Span } from './canvas';
import { denoise, type DenoiseOptions } from './denoise';
import { denoiseGrowing } from './growing';
import { growthTokens } from './relay';
import { chooseByBeam } from './lengthBeam';
import { mostTokens } from './place';
import { firstPredictable } from './shift';
import type { ModelTraits } from './traits';

/** A hole between two runs of given ids, or a whole canvas with holes [first, past-the-last]. */
export type IdRequest =
  | {
      readonly prefix: readonly number[];
      /** `auto`: chosen by a model that predicts lengths or grows its gaps. */
      readonly length: number | 'auto';
      readonly suffix: readonly number[];
    }
  | { readonly canvas: readonly number[]; readonly holes: readonly (readonly [number, number])[] };

export interface IdFill {
  /** The whole canvas, filled. */
  readonly ids: Int32Array;
  readonly spans: readonly Span[];
  /** Canvas positions in the order of their last commit. */
  readonly order: readonly number[];
  readonly steps: number;
  readonly forwards: number;
}

/** @throws LacunaError `badInput` for ids or holes that make no canvas for this model. */
export async function fillIds(
  request: IdRequest,
  denoiser: Denoiser,
  traits: ModelTraits,
  options: DenoiseOptions = {},
): Promise<IdFill> {
  if ('length' in request && request.length === 'auto') {
    return fillAuto(request, denoiser, traits, options);
  }
  const { ids, spans } = layOut(request, traits.maskId);
  check(ids, spans, denoiser, traits);
  const canvas = new Canvas(ids, spans, traits.maskId);
  const banned = [...(options.banned ?? []), ...growthTokens(traits)];
  const order = new Set<number>();
  let steps = 0;
  let forwards = 0;
  for await (const step of denoise(canvas, denoiser, traits, { ...options, banned })) {
    steps++;
    forwards = step.forwards;
    for (const position of [...step.remasked, ...step.committed]) order.delete(position);
    for (const position of step.committed) order.add(position);
  }
  return { ids: canvas.ids, spans, order: [...order], steps, forwards };
}

type PlainRequest = Extract<IdRequest, { readonly length: unknown }>;

/** Slots that a growing gap begins with. */
const firstSlots = 8;

async function fillAuto(
  request: PlainRequest,
  denoiser: Denoiser,
  traits: ModelTraits,
  options: DenoiseOptions,
): Promise<IdFill> {
  const { prefix, suffix } = request;
  const room = Math.min(denoiser.maxTokens, traits.maxTokens) - prefix.length - suffix.length;
  const canvasOf = (length: number): Canvas => {
    const { ids, spans } = layOut({ ...request, length }, traits.maskId);
    check(ids, spans, denoiser, traits);
    return new Canvas(ids, spans, traits.maskId);
  };
  canvasOf(1); // refuses what cannot be laid out at all
  if (traits.predictsLength && denoiser.predictLength) {
    const prompt = Int32Array.from(prefix);
    const bounds = { least: 1, most: room };
    const beam = { prompt, gap: 0, canvasOf, bounds, banned: options.banned ?? [] };
    const { length, forwards } = await chooseByBeam(beam, denoiser, traits, options.signal);
    const fill = await fillIds({ ...request, length }, denoiser, traits, options);
    return { ...fill, forwards: fill.forwards + forwards };
  }
  if (growthTokens(traits).length === 0) {
    throw new LacunaError('badInput', {
      doing: 'Cannot fill token ids',
      found: 'the length is "auto", and this model neither predicts lengths nor grows its gaps',
      advice: 'Give the length as a number',
    });
  }
  let canvas = canvasOf(Math.min(room, firstSlots));
  const bounds = new Map([[0, { least: 0, most: Math.min(room, mostTokens.block) }]]);
  let [steps, forwards] = [0, 0];
  for await (const step of denoiseGrowing(canvas, bounds, denoiser, traits, options)) {
    ({ canvas, forwards } = step);
    steps++;
  }
  // Positions move while the gap grows, so that their order says nothing.
  return { ids: canvas.ids, spans: canvas.spans, order: [], steps, forwards };
}

function layOut(request: IdRequest, maskId: number): { ids: Int32Array; spans: Span[] } {
  if ('canvas' in request) {
    const spans = request.holes.map(([start, end]) => ({ start, end }));
    return { ids: Int32Array.from(request.canvas), spans };
  }
  const { prefix, length, suffix } = request;
  const size = length === 'auto' ? 0 : Math.max(0, length);
  const hole = Array.from({ length: size }, () => maskId);
  return {
    ids: Int32Array.from([...prefix, ...hole, ...suffix]),
    spans: [{ start: prefix.length, end: prefix.length + size }],
  };
}

function check(
  ids: Int32Array,
  spans: readonly Span[],
  denoiser: Denoiser,
  traits: ModelTraits,
): void {
  const refuse = (found: string, advice: string) =>
    new LacunaError('badInput', { doing: 'Cannot fill token ids', found, advice });
  const limit = Math.min(denoiser.maxTokens, traits.maxTokens);
  if (ids.length > limit) {
    throw new LacunaError('contextTooLong', {
      doing: 'Cannot fill token ids',
      found: `the canvas has ${ids.length} tokens, the model holds ${limit}`,
      advice: 'Give a shorter prefix or suffix',
    });
  }
  const stray = ids.find((id) => id < 0 || id >= denoiser.vocabSize);
  if (stray !== undefined) {
    throw refuse(
      `id ${stray} is outside the vocabulary of ${denoiser.vocabSize}`,
      'Give valid ids',
    );
  }
  let past = firstPredictable(traits.shift);
  for (const { start, end } of spans) {
    if (end < start || end > ids.length || start < past) {
      throw refuse(
        start < firstPredictable(traits.shift) && end > start
          ? 'the hole begins at position 0, which this model cannot predict'
          : `hole [${start}, ${end}] does not lie in order inside 0..${ids.length}`,
        'Put at least one given token before the first hole and give the holes in order',
      );
    }
    past = Math.max(past, end);
  }
}
