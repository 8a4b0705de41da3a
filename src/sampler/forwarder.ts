/**
 * Runs the network over a canvas: a full forward, or a windowed one that runs only the spans' rows
 * against the cached keys and values of everything else ("dual cache", Fast-dLLM, arXiv 2505.22618:
 * prefix and suffix alike). The cache is exact when it was made from the very canvas it is used
 * with; between refreshes it is stale by what has changed since. Knows no commit rule.
 */
import type { Denoiser, ForwardResult, KeyValueCache } from '../model/denoiser';
import type { Canvas, Span } from './canvas';
import { KeptContext } from './keptContext';
import { NearContext } from './nearContext';
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
  context: KeptContext | undefined;

  /** Frees the keys and values, which are large; a run that begins here makes them at its next step. */
  forget(): void {
    this.context?.release();
    this.context = undefined;
  }

  dispose(): void {
    this.forget();
    this.prediction = undefined;
  }
}

/** Contexts of other requests: the one to begin with, and where this one's goes. */
export interface Reuse {
  readonly context?: KeptContext;
  readonly keep: (context: KeptContext) => void;
}

export interface ForwarderOptions {
  /** Changed tokens from one full forward to the next; 1 runs everything each time. */
  readonly refreshEvery: number;
  /** Ids that get probability 0. */
  readonly banned: readonly number[];
  readonly opening?: Opening | undefined;
  readonly reuse?: Reuse | undefined;
}

/** What a windowed forward runs, and what it sees besides. */
interface Frame {
  readonly run: readonly number[];
  readonly past: KeyValueCache;
}

export class Forwarder {
  /** Forwards run so far, full and windowed alike. */
  forwards = 0;
  #context: KeptContext | undefined;
  #frame: Frame | undefined;
  /** The frame's rows, once they were run against its past. */
  #near: NearContext | undefined;
  #isOpened = false;
  readonly #window: ReadonlySet<number>;

  constructor(
    private readonly canvas: Canvas,
    private readonly denoiser: Denoiser,
    private readonly traits: ModelTraits,
    private readonly options: ForwarderOptions,
  ) {
    this.#window = rowsOf(canvas.spans, traits.shift);
  }

  /** Predicts the tokens at `positions` (ascending, inside spans) of the canvas as it stands. */
  async predict(positions: readonly number[], wantLogits = false): Promise<Prediction> {
    const isFirst = !this.#isOpened;
    this.#isOpened = true;
    if (!isFirst) return this.#run(positions, wantLogits, false);
    const { opening, reuse } = this.options;
    if (opening?.prediction && (opening.prediction.logits !== undefined || !wantLogits)) {
      this.#use(opening.context?.retain());
      return opening.prediction;
    }
    if (this.options.refreshEvery > 1) this.#use(reuse?.context?.retain());
    const prediction =
      (wantLogits ? undefined : this.#sameAsBefore(positions)) ??
      (await this.#run(positions, wantLogits, true));
    if (opening && opening.prediction === undefined) {
      opening.prediction = prediction;
      opening.context = this.#context?.retain();
    }
    return prediction;
  }

  /** Frees the cached keys and values; safe to call twice. */
  dispose(): void {
    this.#use(undefined);
  }

  async #run(
    positions: readonly number[],
    wantLogits: boolean,
    isFirst: boolean,
  ): Promise<Prediction> {
    const { canvas, denoiser, traits } = this;
    const { refreshEvery, banned, reuse } = this.options;
    if (this.#context && this.#context.changes(canvas) >= refreshEvery) this.#use(undefined);
    const frame = this.#frame;
    const wanted = positions.map((position) => rowFor(position, traits.shift));
    const run =
      this.#near?.toRun(canvas, new Set(wanted)) ?? frame?.run ?? allPositions(canvas.length);
    const near = this.#near?.without(run);
    const place = new Map(run.map((position, index) => [position, index]));
    const outside =
      frame || refreshEvery === 1 ? undefined : run.filter((p) => !this.#window.has(p));
    const keep = frame ? run.keys() : outside;
    const result = await denoiser.forward({
      ids: Int32Array.from(run, (position) => canvas.ids[position]!),
      positions: Int32Array.from(run),
      rows: Int32Array.from(wanted, (row) => place.get(row)!),
      banned,
      wantLogits,
      ...(frame && { past: frame.past }),
      ...(near && { near }),
      ...(keep && { keep: Int32Array.from(keep) }),
    });
    this.forwards++;
    const { stats, logits, kept } = result;
    const prediction = { positions, stats, ...(logits && { logits }) };
    if (kept && frame) {
      if (this.#near) this.#near.update(canvas, run, kept);
      else this.#near = new NearContext(run, canvas, kept);
    } else if (kept && outside) {
      const first = { positions, stats, banned };
      const ids = canvas.ids.slice();
      const at = Int32Array.from(outside);
      this.#use(new KeptContext(ids, [...canvas.spans], at, kept, first));
      if (isFirst) reuse?.keep(this.#context!);
    }
    return prediction;
  }

  /** Takes over a user's share of `context`, and gives back the one of the last. */
  #use(context: KeptContext | undefined): void {
    const own = this.#frame?.past;
    if (own !== this.#context?.cache) own?.dispose();
    this.#context?.release();
    this.#near?.dispose();
    this.#near = undefined;
    this.#context = context;
    this.#frame = context && this.#frameOf(context);
  }

  /** Every row that the cache does not hold for this canvas runs; the rest is seen only. */
  #frameOf(context: KeptContext): Frame {
    const holding = context.holding(this.canvas, this.#window);
    const held = new Set(Array.from(holding, (index) => context.positions[index]!));
    const isWhole = holding.length === context.positions.length;
    return {
      run: allPositions(this.canvas.length).filter((position) => !held.has(position)),
      past: isWhole ? context.cache : context.cache.select(holding),
    };
  }

  /** The prediction of an earlier request whose canvas was this very one. */
  #sameAsBefore(positions: readonly number[]): Prediction | undefined {
    const context = this.#context;
    if (!context || context.changes(this.canvas) > 0) return undefined;
    const isSame = (a: readonly number[], b: readonly number[]) => a.join() === b.join();
    const { first } = context;
    const { banned } = this.options;
    return isSame(first.positions, positions) && isSame(first.banned, banned) ? first : undefined;
  }
}

function allPositions(length: number): number[] {
  return Array.from({ length }, (_, position) => position);
}

/** Rows of all windows, each once (two gaps may touch). */
function rowsOf(spans: readonly Span[], shift: boolean): ReadonlySet<number> {
  const rows = new Set<number>();
  for (const span of spans) {
    const { start, end } = windowOf(span, shift);
    for (let row = Math.max(0, start); row < end; row++) rows.add(row);
  }
  return rows;
}
