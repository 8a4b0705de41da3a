/**
 * The seam between sampling and inference: one forward of a bidirectional masked language model.
 * Types only; knows nothing of ONNX, schedules, spans or text. The shift is NOT applied here: row i
 * is the head's output at row i of the input (src/sampler/shift.ts says which row predicts what).
 *
 * Alphabet of shapes: S rows run, R rows wanted from the head, C rows kept, V vocabulary, K kept
 * candidates of a row (64, or V where the vocabulary is smaller).
 */

/** Keys and values of positions that are not run again. Opaque to everyone but its denoiser. */
export interface KeyValueCache {
  /** How many positions it holds. */
  readonly length: number;
  /** A cache of its own with only these (C) of the positions, by their index in this one. */
  select(indices: Int32Array): KeyValueCache;
  /** Puts the positions of `other`, one of the same denoiser, in the places `indices` of this one. */
  replace(indices: Int32Array, other: KeyValueCache): void;
  dispose(): void;
}

export interface ForwardRequest {
  /** (S) token ids of the rows that run. */
  readonly ids: Int32Array;
  /** (S) canvas positions of those rows, from 0. */
  readonly positions: Int32Array;
  /** (R) indices into `ids` whose head output is wanted. */
  readonly rows: Int32Array;
  /** Token ids that must get probability 0 (the mask id always belongs here). */
  readonly banned: readonly number[];
  /** Context that is attended to but not run. */
  readonly past?: KeyValueCache;
  /** A second context, of which only `rows` (N indices into it) are attended to: other ones at every step. */
  readonly near?: { readonly cache: KeyValueCache; readonly rows: Int32Array };
  /** (C) indices into `ids` whose keys and values are wanted back as a cache. */
  readonly keep?: Int32Array;
  /** Also return all V logits of each wanted row (dear: R x V floats leave the graph). */
  readonly wantLogits?: boolean;
}

export interface RowStats {
  /** Candidates per row, K. */
  readonly width: number;
  /** (R, K) token ids, likeliest first. */
  readonly ids: Int32Array;
  /** (R, K) their logits, descending, after the ban. */
  readonly logits: Float32Array;
  /** (R) log-sum-exp over the whole vocabulary, after the ban. */
  readonly logSumExp: Float32Array;
}

export interface ForwardResult {
  readonly stats: RowStats;
  /** (R, V) row-major, before the ban; only when asked for. */
  readonly logits?: Float32Array;
  /** The kept rows' keys and values; only when `keep` was given. Never includes `past` and `near`. */
  readonly kept?: KeyValueCache;
}

export interface Denoiser {
  readonly vocabSize: number;
  /** Longest canvas, tokens. */
  readonly maxTokens: number;
  /** One forward. Blocks its thread while it runs: callers yield between two. */
  forward(request: ForwardRequest): Promise<ForwardResult>;
  /**
   * Of a model with a length predictor: from (S) ids of the text before a gap to (N) logits, class c
   * for c+1 tokens. Blocks like a forward.
   */
  predictLength?(ids: Int32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}
