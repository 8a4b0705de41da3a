/**
 * The Denoiser over a model server that speaks the Open Inference Protocol v2 (Triton, KServe), which runs
 * what tritonRepository.ts wrote. A cache is kept here as the tokens it stands for: each forward is a full
 * one, exact, and no keys and values cross the network. Knows no sampler.
 */
import { LacunaError } from '../protocol/errors';
import type { Denoiser, ForwardRequest, ForwardResult, KeyValueCache } from './denoiser';
import { checkRequest } from './onnxDenoiser';
import type { Manifest } from './manifest';
import { decodeAnswer, encodeRequest, lengthHeader, type OipTensor } from './oipMessage';
import { candidatesOf } from './rowStats';
import { tritonName } from './tritonConfig';

/** Rows and banned ids are filled up to a multiple of these, so that requests are alike and run together. */
const rowStep = 16;
const banStep = 16;
const forwardMs = 120_000;
const statistics = ['top_ids', 'top_logits', 'log_sum_exp'];

class TokenCache implements KeyValueCache {
  constructor(
    readonly ids: Int32Array,
    readonly positions: Int32Array,
  ) {}

  get length(): number {
    return this.ids.length;
  }

  select(indices: Int32Array): TokenCache {
    return new TokenCache(chosen(this.ids, indices), chosen(this.positions, indices));
  }

  and(other: TokenCache): TokenCache {
    return new TokenCache(joined(this.ids, other.ids), joined(this.positions, other.positions));
  }

  replace(indices: Int32Array, other: KeyValueCache): void {
    const { ids, positions } = cacheIn(other);
    for (const [row, place] of indices.entries()) {
      this.ids[place] = ids[row]!;
      this.positions[place] = positions[row]!;
    }
  }

  dispose(): void {}
}

export class OipDenoiser implements Denoiser {
  readonly vocabSize: number;
  readonly maxTokens: number;
  readonly #url: string;
  readonly #isBinary: boolean;
  readonly #manifest: Manifest;
  #asked = 0;

  private constructor(url: string, isBinary: boolean, manifest: Manifest) {
    this.#url = url;
    this.#isBinary = isBinary;
    this.#manifest = manifest;
    this.vocabSize = manifest.dimensions.vocabSize;
    this.maxTokens = manifest.dimensions.maxTokens;
  }

  /**
   * @param address of the server; the model has the name that `convert --target triton` gave it
   * @throws LacunaError `deviceUnavailable` where no such model is served there
   */
  static async connect(address: string, manifest: Manifest): Promise<OipDenoiser> {
    const base = address.replace(/\/+$/, '').replace(/\/v2$/, '');
    const name = tritonName(manifest);
    const url = `${base}/v2/models/${encodeURIComponent(name)}`;
    const server = await getJson(`${base}/v2`, base);
    const model = await getJson(url, base);
    const inputs = Array.isArray(model.inputs) ? (model.inputs as { name?: unknown }[]) : [];
    const missing = ['ids', 'positions', 'rows', 'ban'].find(
      (input) => !inputs.some((known) => known.name === input),
    );
    if (missing !== undefined) {
      throw unavailable(base, `its model "${name}" has no input "${missing}"`);
    }
    const extensions = Array.isArray(server.extensions) ? server.extensions : [];
    const isBinary = extensions.some((extension) =>
      /^binary_(tensor_)?data/.test(String(extension)),
    );
    return new OipDenoiser(url, isBinary, manifest);
  }

  async forward(request: ForwardRequest): Promise<ForwardResult> {
    const { rows, keep, wantLogits, banned } = request;
    const past = cacheIn(request.past).and(nearIn(request));
    checkRequest(request, past.length, this.#manifest.dimensions);
    const ids = joined(past.ids, request.ids);
    const positions = joined(past.positions, request.positions);
    const wanted = filledUp(
      rows.map((row) => row + past.length),
      rowStep,
      0,
    );
    const ban = filledUp(Int32Array.from(banned), banStep, this.vocabSize); // that id bans nothing
    const inputs = [
      tensorOf('ids', ids),
      tensorOf('positions', positions),
      tensorOf('rows', wanted),
      tensorOf('ban', ban),
    ];
    const names = [...statistics, ...(wantLogits ? ['logits'] : [])];
    const outputs = await this.#infer(inputs, names);
    const width = candidatesOf(this.vocabSize);
    const [topIds, topLogits, logSumExp] = [
      this.#output(outputs, 'top_ids', BigInt64Array, wanted.length * width),
      this.#output(outputs, 'top_logits', Float32Array, wanted.length * width),
      this.#output(outputs, 'log_sum_exp', Float32Array, wanted.length),
    ];
    const logits = wantLogits
      ? this.#output(outputs, 'logits', Float32Array, wanted.length * this.vocabSize)
      : undefined;
    return {
      stats: {
        width,
        ids: Int32Array.from(topIds.subarray(0, rows.length * width), Number),
        logits: topLogits.subarray(0, rows.length * width),
        logSumExp: logSumExp.subarray(0, rows.length),
      },
      ...(logits && { logits: logits.subarray(0, rows.length * this.vocabSize) }),
      ...(keep && {
        kept: new TokenCache(chosen(request.ids, keep), chosen(request.positions, keep)),
      }),
    };
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  /** Once more where the connection broke: a forward changes nothing. */
  async #infer(inputs: readonly OipTensor[], outputs: readonly string[]) {
    const { body, headers } = encodeRequest(`${++this.#asked}`, inputs, outputs, this.#isBinary);
    const ask = () =>
      fetch(`${this.#url}/infer`, {
        ...{ method: 'POST', headers, body, signal: AbortSignal.timeout(forwardMs) },
      });
    try {
      const response = await ask().catch(ask);
      const answer = new Uint8Array(await response.arrayBuffer());
      if (!response.ok) throw new Error(`it answered ${response.status}: ${reasonIn(answer)}`);
      return decodeAnswer(answer, response.headers.get(lengthHeader));
    } catch (thrown) {
      throw unavailable(this.#url, inWords(thrown), { cause: thrown });
    }
  }

  #output<T extends BigInt64Array | Float32Array>(
    outputs: ReadonlyMap<string, OipTensor>,
    name: string,
    type: new (...values: never[]) => T,
    count: number,
  ): T {
    const data = outputs.get(name)?.data;
    if (data instanceof type && data.length === count) return data;
    throw unavailable(this.#url, `output "${name}" is missing or not of ${count} values`);
  }
}

function cacheIn(cache: KeyValueCache | undefined): TokenCache {
  if (cache === undefined) return new TokenCache(new Int32Array(), new Int32Array());
  if (cache instanceof TokenCache) return cache;
  throw new Error('The cache was made by another denoiser');
}

function nearIn({ near }: ForwardRequest): TokenCache {
  return near ? cacheIn(near.cache).select(near.rows) : cacheIn(undefined);
}

function tensorOf(name: string, values: Int32Array): OipTensor {
  return { name, shape: [1, values.length], data: BigInt64Array.from(values, BigInt) };
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const all = new Int32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

function chosen(values: Int32Array, indices: Int32Array): Int32Array {
  return indices.map((index) => values[index]!);
}

function filledUp(values: Int32Array, step: number, by: number): Int32Array {
  const all = new Int32Array(Math.max(1, Math.ceil(values.length / step)) * step).fill(by);
  all.set(values);
  return all;
}

async function getJson(url: string, base: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(15_000) });
    const text = await response.text();
    if (!response.ok) throw new Error(`it answered ${response.status}: ${text.slice(0, 200)}`);
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    throw unavailable(base, inWords(thrown), { cause: thrown });
  }
}

function reasonIn(answer: Uint8Array): string {
  return new TextDecoder().decode(answer.subarray(0, 300));
}

/** fetch says no more than "fetch failed"; its cause does. */
function inWords(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { cause } = thrown;
  return cause instanceof Error ? `${thrown.message} (${cause.message})` : thrown.message;
}

function unavailable(server: string, found: string, options?: ErrorOptions): LacunaError {
  return new LacunaError(
    'deviceUnavailable',
    {
      doing: `Cannot run the model on the server ${server}`,
      found,
      advice: 'Check that it serves what "lacuna convert --target triton" wrote',
    },
    options,
  );
}
