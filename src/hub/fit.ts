/**
 * Whether a model will fit this machine, from its dimensions alone: weights, what a forward needs at
 * a window, the cache of keys and values, and how long the forward takes. Pure. The constants come
 * from measured runs, which the test names; they are estimates and meant to err to the safe side.
 */
import type { WeightFormat } from '../protocol/messages';
import type { Fit, FitWish, MachineFacts } from '../protocol/modelMessages';

/** Dimensions of a model, in tokens, units of the hidden state, or heads. */
export interface ModelShape {
  readonly parameters: number;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly feedForwardSize: number;
  readonly maxTokens: number;
  readonly tiedHead: boolean;
}

/** Bytes in memory of one weight of a matrix, with its scale and what the kernels pack beside it. */
const weightBytes: Readonly<Record<WeightFormat, number>> = { f32: 4, f16: 4, q8: 1.06, q4: 0.8 };
/** The process, the runtime and its arena before any model. */
const processBytes = 200 * 2 ** 20;
/** Rows of the head that one step of a usual gap asks for. */
const headRows = 32;
/** Left to everything else that runs. */
const usableShare = 0.9;
export const longestDefaultWindow = 2048;
const smallestWindow = 256;

/** Bytes that a model takes while it denoises a canvas of `window` tokens on the CPU. */
export function neededBytes(shape: ModelShape, format: WeightFormat, window: number): number {
  return processBytes + modelBytes(shape, weightBytes[format], window);
}

function modelBytes(shape: ModelShape, bytesPerWeight: number, window: number): number {
  const { vocabSize, hiddenSize, layers, heads, feedForwardSize } = shape;
  const tables = shape.tiedHead ? 0 : vocabSize * hiddenSize; // looked up, kept as 16 bits
  const weights = (shape.parameters - tables) * bytesPerWeight + tables * 2;
  // Query, key, value, residuals and both sides of the feed-forward of one layer, as floats.
  const rows = 4 * window * (8 * hiddenSize + 3 * feedForwardSize);
  const scores = 4 * heads * window * window;
  const head = 3 * 4 * headRows * vocabSize;
  // Keys and values come out of one forward and go into the next: two copies.
  const cache = 2 * 2 * 4 * layers * window * keyValueWidth(shape);
  return weights + rows + scores + head + cache;
}

/** Multiply-adds of one full forward at `window` tokens. */
export function forwardMacs(shape: ModelShape, window: number): number {
  const { vocabSize, hiddenSize, layers, parameters, tiedHead } = shape;
  const embeddings = vocabSize * hiddenSize * (tiedHead ? 1 : 2);
  const matrices = Math.max(0, parameters - embeddings);
  const attention = 2 * layers * window * hiddenSize;
  return window * (matrices + attention) + headRows * vocabSize * hiddenSize;
}

/** @param macsPerSecond what a bench measured; absent before one. */
export function fitOf(
  shape: ModelShape,
  { weights = 'q8', window }: FitWish,
  { availableBytes, gpu }: MachineFacts,
  macsPerSecond?: number,
): Fit {
  const wanted = Math.min(window ?? longestDefaultWindow, shape.maxTokens);
  const usable = usableShare * availableBytes;
  const fits = (tokens: number) => neededBytes(shape, weights, tokens) <= usable;
  const found = windowsFrom(wanted).find(fits);
  const chosen = found ?? windowsFrom(wanted).at(-1)!;
  const gpuWeight = weights === 'f16' ? 2 : weightBytes[weights];
  return {
    verdict: found === wanted ? 'fits' : found === undefined ? 'does-not-fit' : 'smaller-window',
    window: chosen,
    needBytes: neededBytes(shape, weights, chosen),
    availableBytes,
    ...(gpu && { fitsGpu: modelBytes(shape, gpuWeight, chosen) <= usableShare * gpu.freeBytes }),
    ...(macsPerSecond !== undefined && {
      forwardMs: (1000 * forwardMacs(shape, chosen)) / macsPerSecond,
    }),
  };
}

/** The window wanted, then halves of it; no smaller than is of use. */
function windowsFrom(wanted: number): number[] {
  const windows = [wanted];
  while (windows.at(-1)! / 2 >= smallestWindow) windows.push(Math.floor(windows.at(-1)! / 2));
  return windows;
}

/** Width of the keys of one token in one layer. */
function keyValueWidth({ hiddenSize, heads, keyValueHeads }: ModelShape): number {
  return (hiddenSize / heads) * keyValueHeads;
}

/**
 * The dimensions that a published config.json tells, whatever its family calls them; undefined where
 * it does not tell enough. @param parameters where the files say how many.
 */
export function shapeOf(
  config: Readonly<Record<string, unknown>>,
  parameters: number,
): ModelShape | undefined {
  const first = (...keys: string[]) =>
    keys.map((key) => config[key]).find((value) => isCount(value)) as number | undefined;
  const hiddenSize = first('n_embd', 'hidden_size', 'd_model');
  const layers = first('n_layer', 'num_hidden_layers', 'n_layers');
  const heads = first('n_head', 'num_attention_heads', 'n_heads');
  if (hiddenSize === undefined || layers === undefined || heads === undefined) return undefined;
  return {
    parameters,
    hiddenSize,
    layers,
    heads,
    keyValueHeads: first('num_key_value_heads', 'n_kv_heads') ?? heads,
    vocabSize: first('vocab_size', 'embedding_size') ?? 50_000,
    feedForwardSize: first('n_inner', 'intermediate_size', 'mlp_hidden_size') ?? 4 * hiddenSize,
    maxTokens: first('n_positions', 'max_position_embeddings', 'max_sequence_length') ?? 2048,
    tiedHead:
      config.tie_word_embeddings === true ||
      config.model_type === 'gpt2' ||
      config.weight_tying === true,
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
