/**
 * Denoising on a canvas whose gaps change their length (DreamOn, arXiv 2602.01326): a committed expand
 * token becomes two masks, a committed delete token vanishes, and with it every mask still to its right,
 * since the model puts deletes behind the text. Runs the ordinary loop until one of them is committed,
 * lays the canvas anew and goes on. Knows no text and no commit rule.
 */
import type { Denoiser } from '../model/denoiser';
import type { Canvas } from './canvas';
import { denoise, type DenoiseOptions, type DenoiseStep } from './denoise';
import { Grower, type Bounds, type Relaid } from './relay';
import type { ModelTraits } from './traits';

export interface GrowingStep extends DenoiseStep {
  /** After the step; another one than before where a gap changed its length. */
  readonly canvas: Canvas;
  /** Positions of that canvas. */
  readonly committed: readonly number[];
}

/**
 * Denoises `canvas`, or what it becomes.
 * @param bounds by span; spans without any keep their length.
 */
export async function* denoiseGrowing(
  canvas: Canvas,
  bounds: ReadonlyMap<number, Bounds>,
  denoiser: Denoiser,
  traits: ModelTraits,
  options: DenoiseOptions = {},
): AsyncGenerator<GrowingStep, void, void> {
  const { opening, ...later } = options;
  // As in the authors' sampler: no more expansions than the gap may have tokens.
  const budget = new Map([...bounds].map(([span, { most }]) => [span, most]));
  const grower = new Grower(bounds, budget, traits, denoiser.maxTokens);
  let current = grower.guard(canvas);
  let [step, forwards] = [0, 0];
  for (let round = 0; ; round++) {
    const seed = (options.seed ?? 0) + round; // another draw than before the change
    const run = denoise(current, denoiser, traits, {
      ...later,
      seed,
      ...(round === 0 && opening ? { opening } : {}),
    });
    let next: Relaid | undefined;
    let before = 0;
    for await (const done of run) {
      forwards += done.forwards - before;
      before = done.forwards;
      next = grower.relay(current);
      const now = next?.canvas ?? current;
      const committed = next
        ? done.committed
            .flatMap((position) => next!.moved.get(position) ?? [])
            .filter((position) => now.masked[position] === 0) // an expanded slot is open again
        : done.committed;
      const closed = [...done.closed, ...(next?.emptied ?? [])];
      yield { ...done, step: step++, forwards, committed, closed, canvas: now };
      if (next) break;
    }
    if (!next) return;
    current = next.canvas;
  }
}
