/**
 * The Denoiser over an ONNX Runtime session: checks a request, feeds the graph, fetches only what was
 * asked for. Knows no sampler and no device.
 */
import { LacunaError } from '../protocol/errors';
import type { Denoiser, ForwardRequest, ForwardResult, KeyValueCache } from './denoiser';
import type { ModelDimensions } from './manifest';
import { banPenalty, candidatesOf } from './rowStats';
import { float32Tensor, float32Values, int32Values, int64Tensor } from './session';
import type { Session, Tensor } from './session';
import { TensorCache } from './tensorCache';

const statistics = ['top_ids', 'top_logits', 'log_sum_exp'];
const lengthOutputs = ['length_logits'];

export class OnnxDenoiser implements Denoiser {
  private readonly empty: TensorCache;
  private released: Promise<void> | undefined;
  private lastBan: { readonly banned: string; readonly tensor: Tensor } | undefined;
  private lengthHead: Promise<Session> | undefined;
  readonly predictLength?: (ids: Int32Array) => Promise<Float32Array>;

  /** @param openLengthHead the graph of lengthGraph.ts, of models that have it; opened at first use. */
  constructor(
    private readonly session: Session,
    private readonly dimensions: ModelDimensions,
    openLengthHead?: () => Promise<Session>,
  ) {
    if (openLengthHead) {
      this.predictLength = async (ids) => {
        const head = await (this.lengthHead ??= openLengthHead());
        const { length_logits: logits } = await head.run(await this.hiddenOf(ids), lengthOutputs);
        return float32Values(logits!);
      };
    }
    const { layers, keyValueHeads, headSize } = dimensions;
    const empty = float32Tensor(new Float32Array(), [1, keyValueHeads, 0, headSize]);
    const names = layerNames(layers);
    this.empty = new TensorCache(0, Object.fromEntries(names.map((name) => [name, empty])));
  }

  get vocabSize(): number {
    return this.dimensions.vocabSize;
  }

  get maxTokens(): number {
    return this.dimensions.maxTokens;
  }

  async forward(request: ForwardRequest): Promise<ForwardResult> {
    const { rows, keep, wantLogits } = request;
    const past = this.cacheIn(request.past);
    checkRequest(request, past.length + (request.near?.rows.length ?? 0), this.dimensions);
    // With no rows at all ONNX Runtime divides by zero and takes the process down; one is thrown away.
    const headRows = rows.length > 0 ? rows : Int32Array.of(0);
    const width = candidatesOf(this.vocabSize);
    const feeds = this.feedsOf({ ...request, rows: headRows }, past);
    const kept = keep ? layerNames(this.dimensions.layers) : [];
    const keptOutputs = kept.map((name) => `kept_${name}`);
    const fetches = [...statistics, ...(wantLogits ? ['logits'] : []), ...keptOutputs];
    const outputs = await this.session.run(feeds, fetches);
    return {
      stats: {
        width,
        ids: int32Values(outputs.top_ids).subarray(0, rows.length * width), // (R, K)
        logits: float32Values(outputs.top_logits).subarray(0, rows.length * width), // (R, K)
        logSumExp: float32Values(outputs.log_sum_exp).subarray(0, rows.length), // (R)
      },
      ...(wantLogits ? { logits: logitsOf(outputs, rows.length * this.vocabSize) } : {}),
      ...(keep ? { kept: cacheOf(keep.length, kept, outputs) } : {}),
    };
  }

  async dispose(): Promise<void> {
    this.released ??= Promise.all([
      this.session.release(),
      this.lengthHead?.then((head) => head.release()),
    ]).then(() => undefined);
    await this.released;
  }

  /** The body's last hidden states, [1, S, D], of text that stands alone. */
  private async hiddenOf(ids: Int32Array): Promise<Readonly<Record<string, Tensor>>> {
    const positions = Int32Array.from(ids.keys());
    const rows = Int32Array.of(0);
    checkRequest({ ids, positions, rows, banned: [] }, 0, this.dimensions);
    const { empty } = this;
    return this.session.run(this.feedsOf({ ids, positions, rows, banned: [] }, empty), ['hidden']);
  }

  private feedsOf(
    { ids, positions, rows, keep, near, banned }: ForwardRequest,
    past: TensorCache,
  ): Readonly<Record<string, Tensor>> {
    return {
      ids: int64Tensor(ids, [1, ids.length]),
      positions: int64Tensor(positions, [1, positions.length]),
      rows: int64Tensor(rows, [rows.length]),
      keep: int64Tensor(keep ?? new Int32Array(), [keep?.length ?? 0]),
      ban: this.banTensor(banned),
      ...past.feeds('past'),
      near_rows: int64Tensor(near?.rows ?? new Int32Array(), [near?.rows.length ?? 0]),
      ...this.cacheIn(near?.cache).feeds('near'),
    };
  }

  private cacheIn(given: KeyValueCache | undefined): TensorCache {
    if (given === undefined) return this.empty;
    if (given instanceof TensorCache) return given;
    throw badRequest('the cache was made by another denoiser');
  }

  /** The same few tokens are banned at every step of a fill. */
  private banTensor(banned: readonly number[]): Tensor {
    const key = banned.join();
    if (this.lastBan?.banned === key) return this.lastBan.tensor;
    const penalties = new Float32Array(this.vocabSize);
    for (const id of banned) penalties[id] = banPenalty;
    const tensor = float32Tensor(penalties, [this.vocabSize]);
    this.lastBan = { banned: key, tensor };
    return tensor;
  }
}

/** The order of the graph's inputs and outputs: key and value of each layer. */
function layerNames(layers: number): string[] {
  return Array.from({ length: layers }, (_, i) => [`key_${i}`, `value_${i}`]).flat();
}

function logitsOf(outputs: Readonly<Record<string, Tensor>>, size: number): Float32Array {
  return float32Values(outputs.logits).subarray(0, size); // (R, V)
}

function cacheOf(
  length: number,
  kept: readonly string[],
  outputs: Readonly<Record<string, Tensor>>,
): TensorCache {
  const tensors = kept.map((name) => [name, outputs[`kept_${name}`]!] as const);
  return new TensorCache(length, Object.fromEntries(tensors));
}

/** @throws LacunaError for what no model of these dimensions can run. */
export function checkRequest(
  { ids, positions, rows, keep, banned }: ForwardRequest,
  pastLength: number,
  { vocabSize, maxTokens }: ModelDimensions,
): void {
  if (ids.length === 0) throw badRequest('no row to run was given');
  if (positions.length !== ids.length) {
    throw badRequest(`${ids.length} token ids came with ${positions.length} positions`);
  }
  const canvas = ids.length + pastLength;
  const beyond = canvas > maxTokens ? canvas : positions.find((p) => p < 0 || p >= maxTokens);
  if (beyond !== undefined) {
    const found =
      canvas > maxTokens
        ? `the canvas has ${canvas} tokens, the model takes ${maxTokens}`
        : `position ${beyond} is outside the model's ${maxTokens}`;
    const doing = 'Cannot run the model';
    const advice = 'Shorten the text around the gap, or ask for fewer tokens';
    throw new LacunaError('contextTooLong', { doing, found, advice });
  }
  const isForeign = (id: number) => !(id >= 0 && id < vocabSize);
  const foreign = ids.find(isForeign) ?? banned.find(isForeign);
  if (foreign !== undefined) {
    throw badRequest(`token id ${foreign} is outside the vocabulary of ${vocabSize}`);
  }
  for (const list of [rows, keep ?? []]) {
    const stray = list.find((row: number) => row < 0 || row >= ids.length);
    if (stray !== undefined) throw badRequest(`row ${stray} is not among the ${ids.length} run`);
  }
}

function badRequest(found: string): LacunaError {
  const advice = 'Check the token ids and rows of the request';
  return new LacunaError('badInput', { doing: 'Cannot run the model', found, advice });
}
