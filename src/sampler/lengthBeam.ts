/**
 * Seed 2's length beam (arXiv 2308.12219): a classifier names likely lengths for what follows a prompt,
 * each is denoised on a canvas of its own, and the one whose tokens are likeliest on average wins. Knows
 * neither text nor the classifier.
 */
import type { Denoiser } from '../model/denoiser';
import type { Canvas } from './canvas';
import { denoise } from './denoise';
import type { Bounds } from './relay';
import type { ModelTraits } from './traits';

/** Candidates that its authors try for answers; ten for translations. */
export const beamWidth = 3;

export interface BeamRequest {
  /** Ids before the gap. */
  readonly prompt: Int32Array;
  /** Which span of the canvas is the gap. */
  readonly gap: number;
  readonly canvasOf: (length: number) => Canvas;
  readonly bounds: Bounds;
  readonly banned: readonly number[];
  readonly width?: number;
}

export interface BeamChoice {
  readonly length: number;
  readonly forwards: number;
}

/** @throws DOMException `AbortError` between two forwards once `signal` is aborted. */
export async function chooseByBeam(
  { prompt, gap, canvasOf, bounds, banned, width = beamWidth }: BeamRequest,
  denoiser: Denoiser,
  traits: ModelTraits,
  signal?: AbortSignal,
): Promise<BeamChoice> {
  const logits = await denoiser.predictLength!(prompt);
  const lengths = likeliestLengths(logits, width, bounds);
  if (lengths.length === 1) return { length: lengths[0]!, forwards: 1 };
  let best: { length: number; score: number } | undefined;
  let forwards = 1;
  for (const length of lengths) {
    const canvas = canvasOf(length);
    const options = { ...traits.sampling, banned, temperature: 0, ...(signal && { signal }) };
    let own = 0;
    for await (const step of denoise(canvas, denoiser, traits, options)) own = step.forwards;
    forwards += own;
    const score = meanLogProbability(canvas, gap);
    if (best === undefined || score > best.score) best = { length, score };
  }
  return { length: best!.length, forwards };
}

/** Class c means c+1 tokens; what is out of bounds becomes the nearest that is not. */
export function likeliestLengths(
  logits: ArrayLike<number>,
  width: number,
  { least, most }: Bounds,
): number[] {
  const classes = Array.from({ length: logits.length }, (_, index) => index);
  const ranked = classes.sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, width);
  return [...new Set(ranked.map((index) => Math.min(most, Math.max(least, index + 1))))];
}

/** Of the tokens that were written into a gap, nats. */
export function meanLogProbability(canvas: Canvas, gap: number): number {
  const { start, end } = canvas.spans[gap]!;
  let sum = 0;
  for (let p = start; p < end; p++) sum += Math.log(Math.max(1e-30, canvas.confidence[p]!));
  return sum / Math.max(1, end - start);
}
