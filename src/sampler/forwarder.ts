/**
 * Runs the network over a canvas: a full forward, or a windowed one that runs only the spans' rows
 * against the cached keys and values of everything else ("dual cache", Fast-dLLM, arXiv 2505.22618:
 * prefix and suffix alike). The cache is exact when it was made from the very canvas it is used
 * with; between refreshes it is stale by what the spans have changed since. Knows no commit rule.
 */
import type { Denoiser, ForwardResult, KeyValueCache } from '../model/denoiser';
import type { Canvas, Span } from './canvas';
import { rowFor, windowOf } from './shift';
import type { ModelTraits } from './traits';

/** Head output for the positions asked for: row r belongs to `positions[r]`. */
export interface Prediction {
  readonly positions: readonly number[];
  readonly stats: ForwardResult['stats'];
  readonly logits?: Float32Array;
}

/**
 * The first forward over a canvas, kept for others that begin with the same one: variants differ
 * only in what is drawn from it. Whoever makes it disposes it, after the last of them.
 */
export class Opening {
  prediction: Prediction | undefined;
  context: KeyValueCache | undefined;

  /** Frees the keys and values, which are large; a run that begins here makes them at its next step. */
  forget(): void {
    this.context?.dispose();
    this.context = undefined;
  }

  /** For a run that begins with some of the slots written: the context alone, which stays this one's. */
  around(): Opening {
    return Object.assign(new Opening(), { context: this.context });
  }

  dispose(): void {
    this.forget();
    this.prediction = undefined;
  }
}

export class Forwarder {
  /** Forwards run so far, full and windowed alike. */
  forwards = 0;
  #context: KeyValueCache | undefined;
  #sinceRefresh = 0;
  #isOpened = false;
  readonly #window: readonly number[];

  /**
   * @param refreshEvery forwards from one full one to the next; 1 runs everything each time.
   * @param banned ids that get probability 0.
   */
  constructor(
    private readonly canvas: Canvas,
    private readonly denoiser: Denoiser,
    private readonly traits: ModelTraits,
    private readonly refreshEvery: number,
    private readonly banned: readonly number[],
    private readonly opening?: Opening,
  ) {
    this.#window = rowsOf(canvas.spans, traits.shift);
    this.#context = opening?.context;
  }

  /** Predicts the tokens at `positions` (ascending, inside spans) of the canvas as it stands. */
  async predict(positions: readonly number[], wantLogits = false): Promise<Prediction> {
    const opened = this.opening?.prediction;
    const isFirst = !this.#isOpened;
    this.#isOpened = true;
    if (isFirst && opened !== undefined && (opened.logits !== undefined || !wantLogits)) {
      return opened;
    }
    const full = this.#context === undefined || this.#sinceRefresh + 1 >= this.refreshEvery;
    if (full) this.dispose();
    const run = full ? allPositions(this.canvas.length) : this.#window;
    const place = new Map(run.map((position, index) => [position, index]));
    const context = full && this.refreshEvery > 1 ? this.#outsideWindow() : undefined;
    const result = await this.denoiser.forward({
      ids: Int32Array.from(run, (position) => this.canvas.ids[position]!),
      positions: Int32Array.from(run),
      rows: Int32Array.from(positions, (p) => place.get(rowFor(p, this.traits.shift))!),
      banned: this.banned,
      wantLogits,
      ...(this.#context === undefined ? {} : { past: this.#context }),
      ...(context === undefined ? {} : { keep: context }),
    });
    this.forwards++;
    this.#sinceRefresh = full ? 0 : this.#sinceRefresh + 1;
    if (result.kept !== undefined) this.#context = result.kept;
    const prediction = {
      positions,
      stats: result.stats,
      ...(result.logits === undefined ? {} : { logits: result.logits }),
    };
    if (isFirst && this.opening !== undefined && opened === undefined) {
      this.opening.prediction = prediction;
      this.opening.context = this.#context;
    }
    return prediction;
  }

  /** Frees the cached keys and values; safe to call twice. */
  dispose(): void {
    if (this.#context !== this.opening?.context) this.#context?.dispose();
    this.#context = undefined;
  }

  /** Positions whose keys and values no commit changes directly. */
  #outsideWindow(): Int32Array {
    const inside = new Set(this.#window);
    return Int32Array.from(allPositions(this.canvas.length).filter((p) => !inside.has(p)));
  }
}

function allPositions(length: number): number[] {
  return Array.from({ length }, (_, position) => position);
}

/** Rows of all windows, ascending, each once (two gaps may touch). */
function rowsOf(spans: readonly Span[], shift: boolean): number[] {
  const rows = new Set<number>();
  for (const span of spans) {
    const { start, end } = windowOf(span, shift);
    for (let row = Math.max(0, start); row < end; row++) rows.add(row);
  }
  return [...rows].sort((a, b) => a - b);
}
