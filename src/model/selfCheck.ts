/**
 * Whether a denoiser on some device computes what the CPU computes, and how fast. Providers fail in
 * silence: fused attention is wrong beyond 16 keys on one Vulkan driver, 16-bit shaders fail only at
 * the first run. So a full forward, a windowed step and one that runs a part of its window must agree before a
 * device is trusted.
 */
import type { Denoiser } from './denoiser';

/** Tokens of the trial canvas and rows of its window: enough keys to leave the small-size kernels. */
const trialTokens = 64;
const trialWindow = 16;
/** Rows compared, of the window. */
const comparedRows = 4;

export interface Trial {
  /** (comparedRows, V) of the full forward, of the step, and of the step's first rows alone. */
  readonly logits: readonly Float32Array[];
  /** Fastest windowed step. */
  readonly stepMs: number;
}

/** Runs the same canvas on any denoiser, its step `steps` times; throws what the device throws. */
export async function runTrial(denoiser: Denoiser, steps = 3): Promise<Trial> {
  const { vocabSize, maxTokens } = denoiser;
  const length = Math.min(trialTokens, maxTokens);
  const window = Math.min(trialWindow, length);
  const count = Math.min(comparedRows, window);
  // Any ids will do, as long as they are the same everywhere and spread over the vocabulary.
  const ids = Int32Array.from({ length }, (_, i) => ((i + 1) * 2_654_435_761) % vocabSize);
  const positions = Int32Array.from({ length }, (_, i) => i);
  const outside = length - window;
  const first = await denoiser.forward({
    ids,
    positions,
    rows: positions.slice(outside, outside + count),
    banned: [],
    keep: positions.slice(0, outside),
    wantLogits: true,
  });
  const step = {
    ids: ids.slice(outside),
    positions: positions.slice(outside),
    rows: positions.slice(0, count),
    banned: [],
    keep: positions.slice(0, window),
    wantLogits: true,
    ...(first.kept ? { past: first.kept } : {}),
  };
  let stepMs = Infinity;
  let second = first;
  for (let run = 0; run < steps; run++) {
    const started = performance.now();
    second = await denoiser.forward(step);
    stepMs = Math.min(stepMs, performance.now() - started);
    if (run < steps - 1) second.kept?.dispose();
  }
  const { keep: _, ...others } = step;
  const third = await denoiser.forward({
    ...others,
    ...{ ids: step.ids.slice(0, count), positions: step.positions.slice(0, count) },
    ...(second.kept && { near: { cache: second.kept, rows: positions.slice(count, window) } }),
  });
  second.kept?.dispose();
  first.kept?.dispose();
  return { logits: [first.logits!, second.logits!, third.logits!], stepMs };
}

export function hasFiniteLogits(trial: Trial): boolean {
  return trial.logits.every((part) => part.every(Number.isFinite));
}

/** Largest difference of two trials' logits, relative to the largest logit; NaN where one is not finite. */
export function disagreement(trial: Trial, reference: Trial): number {
  let difference = 0;
  let largest = 0;
  for (const [part, expected] of reference.logits.entries()) {
    for (let i = 0; i < expected.length; i++) {
      const distance = Math.abs(trial.logits[part][i] - expected[i]);
      if (!Number.isFinite(distance)) return NaN;
      difference = Math.max(difference, distance);
      largest = Math.max(largest, Math.abs(expected[i]));
    }
  }
  return difference / largest;
}
