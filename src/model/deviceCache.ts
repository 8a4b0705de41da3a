/**
 * Keys and values that stay in the memory of a GPU: tensors that one run leaves there and the next one takes.
 * What is chosen of them or put into them goes through a small graph of its own on the same device. All that is
 * done to them is done in turn, so that none is freed while something before it still reads it. Knows no canvas.
 */
import type { KeyValueCache } from './denoiser';
import { GraphBuilder } from './graphBuilder';
import type { ModelDimensions } from './manifest';
import { onnxType } from './onnxProto';
import { int64Tensor } from './session';
import type { Feeds, Session } from './session';
import { namedFor } from './tensorCache';
import type { CacheKind, CacheRole, GraphCache } from './tensorCache';

export class DeviceCaches implements CacheKind {
  readonly #live = new Set<DeviceCache>();
  #last: Promise<unknown> = Promise.resolve();
  #released: Promise<void> | undefined;

  /**
   * @param picking a session of `pickGraph`, whose outputs stay on the device.
   * @param empty tensors of a cache of no position.
   */
  constructor(
    private readonly picking: Session,
    private readonly empty: Feeds,
  ) {}

  make(length: number, tensors: Feeds | Promise<Feeds>): DeviceCache {
    const cache = new DeviceCache(this, length, Promise.resolve(tensors));
    this.#live.add(cache);
    return cache;
  }

  owns(cache: KeyValueCache): cache is GraphCache {
    return cache instanceof DeviceCache && this.#live.has(cache);
  }

  /** Rows of `a` and behind them `b`. */
  async pick(a: Feeds, b: Feeds | undefined, indices: Int32Array): Promise<Feeds> {
    const picked = await this.picking.run(
      {
        ...namedFor('a', a),
        ...namedFor('b', b ?? this.empty),
        indices: int64Tensor(indices, [indices.length]),
      },
      Object.keys(a).map((name) => `picked_${name}`),
    );
    return Object.fromEntries(Object.keys(a).map((name) => [name, picked[`picked_${name}`]!]));
  }

  /** Runs `work` after all that was asked for before. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined); // whoever waits for it hears of it
    return done;
  }

  forget(cache: DeviceCache): void {
    this.#live.delete(cache);
  }

  dispose(): Promise<void> {
    for (const cache of this.#live) cache.dispose();
    this.#released ??= this.inTurn(() => this.picking.release());
    return this.#released;
  }
}

class DeviceCache implements GraphCache {
  #tensors: Promise<Feeds>;
  #isDisposed = false;

  constructor(
    private readonly caches: DeviceCaches,
    readonly length: number,
    tensors: Promise<Feeds>,
  ) {
    this.#tensors = tensors;
    tensors.catch(() => undefined); // told to whoever is fed with it
  }

  async feeds(role: CacheRole): Promise<Feeds> {
    return namedFor(role, await this.#tensors);
  }

  select(indices: Int32Array): DeviceCache {
    const from = this.#tensors;
    const chosen = this.caches.inTurn(async () => this.caches.pick(await from, undefined, indices));
    return this.caches.make(indices.length, chosen);
  }

  replace(indices: Int32Array, other: KeyValueCache): void {
    if (!(other instanceof DeviceCache)) throw new Error('the cache is one of another denoiser');
    const rows = Int32Array.from({ length: this.length }, (_, row) => row);
    for (const [row, place] of indices.entries()) rows[place] = this.length + row;
    const [before, by] = [this.#tensors, other.#tensors];
    this.#tensors = this.caches.inTurn(async () => {
      const old = await before;
      const picked = await this.caches.pick(old, await by, rows);
      free(old);
      return picked;
    });
    this.#tensors.catch(() => undefined);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.caches.forget(this);
    const tensors = this.#tensors;
    void this.caches.inTurn(async () => free(await tensors)).catch(() => undefined);
  }
}

function free(tensors: Feeds): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/** a_key_i [1,Hkv,P,hd], b_key_i [1,Hkv,C,hd] and so on, indices [N] into both -> picked_key_i [1,Hkv,N,hd]. */
export function pickGraph(
  { keyValueHeads, headSize }: ModelDimensions,
  names: readonly string[],
): Uint8Array {
  const graph = new GraphBuilder('', new Map());
  const indices = graph.input('indices', onnxType.int64, ['N']);
  const shape = (count: string) => [1, keyValueHeads, count, headSize];
  for (const name of names) {
    const a = graph.input(`a_${name}`, onnxType.float, shape('P'));
    const b = graph.input(`b_${name}`, onnxType.float, shape('C'));
    const picked = graph.gather(graph.concat([a, b], 2), indices, 2);
    graph.output(`picked_${name}`, picked, onnxType.float, shape('N'));
  }
  return graph.encode();
}
