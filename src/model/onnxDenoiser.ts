/**
 * The Denoiser over an ONNX Runtime session: checks a request, feeds the graph, fetches only what was
 * asked for. Knows no sampler and no device.
 */
import { LacunaError } from '../protocol/errors';
import type { Denoiser, ForwardRequest, ForwardResult, KeyValueCache } from './denoiser';
import type { ModelDimensions } from './manifest';
import { banPenalty, candidatesOf } from './rowStats';
import { float32Tensor, float32Values, int32Values, int64Tensor } from './session';
import type { Feeds, Session, Tensor } from './session';
import { inMemory, TensorCache } from './tensorCache';
import type { CacheKind, GraphCache } from './tensorCache';

const statistics = ['top_ids', 'top_logits', 'log_sum_exp'];
const lengthOutputs = ['length_logits'];

export class OnnxDenoiser implements Denoiser {
  private readonly empty: TensorCache;
  private released: Promise<void> | undefined;
  private lastBan: { readonly banned: string; readonly tensor: Tensor } | undefined;
  private lengthHead: Promise<Session> | undefined;
  readonly predictLength?: (ids: Int32Array) => Promise<Float32Array>;

  /**
   * @param openLengthHead the graph of lengthGraph.ts, of models that have it; opened at first use.
   * @param caches where keys and values are kept.
   */
  constructor(
    private readonly session: Session,
    private readonly dimensions: ModelDimensions,
    openLengthHead?: () => Promise<Session>,
    private readonly caches: CacheKind = inMemory,
  ) {
    if (openLengthHead) {
      this.predictLength = async (ids) => {
        const head = await (this.lengthHead ??= openLengthHead());
        const { length_logits: logits } = await head.run(await this.hiddenOf(ids), lengthOutputs);
        return float32Values(logits!);
      };
    }
    this.empty = new TensorCache(0, noPositions(dimensions));
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
    const feeds = await this.feedsOf({ ...request, rows: headRows }, past);
    const keptOutputs = keep ? keptNames(this.dimensions) : [];
    const fetches = [...statistics, ...(wantLogits ? ['logits'] : []), ...keptOutputs];
    const outputs = await this.session.run(feeds, fetches);
    if (!keep) for (const name of keptNames(this.dimensions)) outputs[name]?.dispose(); // of a device
    return {
      stats: {
        width,
        ids: int32Values(outputs.top_ids).subarray(0, rows.length * width), // (R, K)
        logits: float32Values(outputs.top_logits).subarray(0, rows.length * width), // (R, K)
        logSumExp: float32Values(outputs.log_sum_exp).subarray(0, rows.length), // (R)
      },
      ...(wantLogits ? { logits: logitsOf(outputs, rows.length * this.vocabSize) } : {}),
      ...(keep ? { kept: this.caches.make(keep.length, this.keptOf(outputs)) } : {}),
    };
  }

  async dispose(): Promise<void> {
    this.released ??= Promise.all([
      this.caches.dispose().then(() => this.session.release()),
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
    const feeds = await this.feedsOf({ ids, positions, rows, banned: [] }, empty);
    return this.session.run(feeds, ['hidden']);
  }

  private async feedsOf(
    { ids, positions, rows, keep, near, banned, wantLogits }: ForwardRequest,
    past: GraphCache,
  ): Promise<Feeds> {
    const list = (values: Int32Array = new Int32Array()) => int64Tensor(values, [values.length]);
    return {
      ids: int64Tensor(ids, [1, ids.length]),
      positions: int64Tensor(positions, [1, positions.length]),
      rows: list(rows),
      logit_rows: list(wantLogits ? Int32Array.from(rows.keys()) : undefined),
      keep: list(keep),
      ban: this.banTensor(banned),
      ...(await past.feeds('past')),
      near_rows: list(near?.rows),
      ...(await this.cacheIn(near?.cache).feeds('near')),
    };
  }

  private keptOf(outputs: Feeds): Feeds {
    const names = layerNames(this.dimensions);
    return Object.fromEntries(names.map((name) => [name, outputs[`kept_${name}`]!]));
  }

  private cacheIn(given: KeyValueCache | undefined): GraphCache {
    if (given === undefined) return this.empty;
    if (this.caches.owns(given)) return given;
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
export function layerNames({ layers }: Pick<ModelDimensions, 'layers'>): string[] {
  return Array.from({ length: layers }, (_, i) => [`key_${i}`, `value_${i}`]).flat();
}

/** The tensors of a cache that holds nothing. */
export function noPositions(dimensions: ModelDimensions): Feeds {
  const { keyValueHeads, headSize } = dimensions;
  const empty = float32Tensor(new Float32Array(), [1, keyValueHeads, 0, headSize]);
  return Object.fromEntries(layerNames(dimensions).map((name) => [name, empty]));
}

/** The graph's outputs that become a cache. */
export function keptNames(dimensions: Pick<ModelDimensions, 'layers'>): string[] {
  return layerNames(dimensions).map((name) => `kept_${name}`);
}

function logitsOf(outputs: Readonly<Record<string, Tensor>>, size: number): Float32Array {
  return float32Values(outputs.logits).subarray(0, size); // (R, V)
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
