/**
 * Lengths for models that were not trained to find any: a gap is masked whole at several lengths, one forward
 * each, and the length wins whose score stands out once its own dependence on the length is taken out
 * (LR-DLLM, arXiv 2602.07546; CAL, arXiv 2602.00476). The winner's forward is the first denoise step and is
 * handed on. Knows no commit rule and writes no token.
 */
import { bannedIds } from './bannedIds';
import type { Canvas } from './canvas';
import { Forwarder, Opening } from './forwarder';
import type { LengthModel } from './length';
import {
  biasAt,
  certainty,
  highest,
  lengthCorrected,
  publishedBias,
  topProbability,
  type ScoredLength,
} from './lengthScore';
import type { Bounds } from './relay';

/** Masks that a gap holds while its length is not known yet. */
export const provisionalSlots = 8;

/** Lengths that cover 98 % of single lines, of HumanEval-Infilling, then blocks. */
const probedLengths = [1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128];

/** CAL's climb ends after so many lengths in a row that are no better. */
const patience = 4;

export interface ProbeOptions {
  readonly score: 'lr-dllm' | 'cal';
  readonly refreshEvery: number;
  readonly signal?: AbortSignal | undefined;
  /** Whether the run can begin with a probe's forward; it can by default. */
  readonly keepsFirst?: boolean;
}

export interface ProbedLength {
  readonly length: number;
  readonly forwards: number;
  /** The forward at that length, to begin the run with; the caller's to dispose. */
  readonly opening?: Opening;
}

/**
 * @param canvasOf a canvas whose span `gap` has so many masks, all else the same.
 * @throws DOMException `AbortError` between two forwards once the signal is aborted.
 */
export async function probeLength(
  gap: number,
  canvasOf: (length: number) => Canvas,
  bounds: Bounds,
  model: LengthModel,
  options: ProbeOptions,
): Promise<ProbedLength> {
  const probes = new Probes(gap, canvasOf, model, options);
  try {
    const length = await (options.score === 'cal' ? climb : scan)(probes, bounds);
    const opening = options.keepsFirst === false ? undefined : probes.take(length);
    return { length, forwards: probes.forwards, ...(opening && { opening }) };
  } finally {
    probes.dispose();
  }
}

/** LR-DLLM: few lengths over the whole range, then the line through them. */
async function scan(probes: Probes, { least, most }: Bounds): Promise<number> {
  const lengths = probedLengths.filter((length) => length >= least && length <= most);
  for (const length of lengths) await probes.at(length);
  return probes.best() ?? least;
}

/** CAL: one token more at a time as long as that helps, then one less. */
async function climb(probes: Probes, { least, most }: Bounds): Promise<number> {
  const start = Math.min(most, Math.max(least, provisionalSlots));
  let top = await probes.at(start);
  for (const direction of [1, -1]) {
    let length = start + direction;
    for (
      let worse = 0;
      worse < patience && length >= least && length <= most;
      length += direction
    ) {
      const score = await probes.at(length);
      worse = score > top ? 0 : worse + 1;
      top = Math.max(top, score);
    }
  }
  return probes.best()!;
}

/** One gap, masked whole at some lengths. */
class Probes {
  readonly #scored: ScoredLength[] = [];
  readonly #openings = new Map<number, Opening>();
  readonly #banned: readonly number[];

  constructor(
    private readonly gap: number,
    private readonly canvasOf: (length: number) => Canvas,
    private readonly model: LengthModel,
    private readonly options: ProbeOptions,
  ) {
    const { tokenizer, denoiser, traits } = model;
    this.#banned = [traits.maskId, ...bannedIds(tokenizer, denoiser.vocabSize)];
  }

  get forwards(): number {
    return this.#scored.length;
  }

  /** Runs the gap at one length; its score, higher for a better fit. */
  async at(length: number): Promise<number> {
    const { denoiser, traits } = this.model;
    const { refreshEvery, signal } = this.options;
    signal?.throwIfAborted();
    const canvas = this.canvasOf(length);
    const opening = new Opening();
    this.#openings.set(length, opening);
    const kept = { refreshEvery, banned: this.#banned, opening };
    const forwarder = new Forwarder(canvas, denoiser, traits, kept);
    const { positions, stats } = await forwarder.predict(canvas.openPositions());
    forwarder.dispose(); // the opening holds the context on
    const { start, end } = canvas.spans[this.gap]!;
    const rows = [...positions.keys()].filter((r) => positions[r]! >= start && positions[r]! < end);
    const own = (row: number) =>
      this.options.score === 'cal'
        ? topProbability(stats, row) / biasAt(traits.lengthBias ?? publishedBias, length)
        : certainty(stats, row, denoiser.vocabSize);
    const score = rows.reduce((sum, row) => sum + own(row), 0) / rows.length;
    this.#scored.push({ length, score });
    const best = this.best();
    // Keys and values are large: only those of the length that leads so far are kept.
    for (const [other, loser] of this.#openings) if (other !== best) loser.forget();
    return score;
  }

  /** Among the lengths tried, the shorter of equals; undefined before the first. */
  best(): number | undefined {
    const ascending = [...this.#scored].sort((a, b) => a.length - b.length);
    return (this.options.score === 'cal' ? highest : lengthCorrected)(ascending);
  }

  /** The forward at that length, the caller's from now on; without its keys and values where another one led. */
  take(length: number): Opening | undefined {
    const opening = this.#openings.get(length);
    this.#openings.delete(length);
    return opening;
  }

  dispose(): void {
    for (const opening of this.#openings.values()) opening.dispose();
  }
}
