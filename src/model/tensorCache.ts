/**
 * Keys and values of cached positions as plain CPU tensors, one pair a layer. Their memory is
 * JavaScript's own. Knows no graph and no canvas.
 */
import type { KeyValueCache } from './denoiser';
import { float32Tensor, float32Values } from './session';
import type { Feeds, Tensor } from './session';

/** A cache that a graph can be fed with. */
export interface GraphCache extends KeyValueCache {
  /** Its tensors as the graph's inputs `role`_key_i and `role`_value_i. */
  feeds(role: CacheRole): Feeds | Promise<Feeds>;
}

export type CacheRole = 'past' | 'near';

/** Where caches are kept; owns them all. */
export interface CacheKind {
  /** @param tensors key_i and value_i of each layer, [1, Hkv, length, hd]; taken over. */
  make(length: number, tensors: Feeds): GraphCache;
  /** Made by this one. */
  owns(cache: KeyValueCache): cache is GraphCache;
  dispose(): Promise<void>;
}

export const inMemory: CacheKind = {
  make: (length, tensors) => new TensorCache(length, tensors),
  owns: (cache): cache is TensorCache => cache instanceof TensorCache,
  dispose: () => Promise.resolve(),
};

/** key_i and value_i as inputs of a role. */
export function namedFor(role: string, tensors: Feeds): Feeds {
  const named = Object.entries(tensors).map(([name, tensor]) => [`${role}_${name}`, tensor]);
  return Object.fromEntries(named) as Feeds;
}

export class TensorCache implements GraphCache {
  constructor(
    readonly length: number,
    /** key_i and value_i of each layer, [1, Hkv, length, hd]. */
    readonly tensors: Feeds,
  ) {}

  feeds(role: CacheRole): Feeds {
    return namedFor(role, this.tensors);
  }

  select(indices: Int32Array): TensorCache {
    const runs = runsOf(indices);
    const chosen = Object.entries(this.tensors).map(([name, tensor]) => {
      const [, heads = 0, , size = 0] = tensor.dims;
      const values = new Float32Array(heads * indices.length * size);
      const rows = float32Tensor(values, [1, heads, indices.length, size]);
      copyRows(tensor, rows, runs);
      return [name, rows] as const;
    });
    return new TensorCache(indices.length, Object.fromEntries(chosen));
  }

  replace(indices: Int32Array, other: KeyValueCache): void {
    if (!(other instanceof TensorCache)) throw new Error('the cache is one of another denoiser');
    const runs = runsOf(indices).map(({ from, to, count }) => ({ from: to, to: from, count }));
    for (const [name, tensor] of Object.entries(this.tensors)) {
      copyRows(other.tensors[name]!, tensor, runs);
    }
  }

  /** The memory goes with the last reference. */
  dispose(): void {}
}

/** Rows that stand one after the other in both. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** (C) places of rows, in their order, as runs of neighbours. */
function runsOf(places: Int32Array): Run[] {
  const runs: Run[] = [];
  for (let first = 0, past = 0; first < places.length; first = past) {
    do past++;
    while (past < places.length && places[past] === places[past - 1]! + 1);
    runs.push({ from: places[first]!, to: first, count: past - first });
  }
  return runs;
}

/** Between [1, H, P, hd] and [1, H, C, hd]. */
function copyRows(from: Tensor, to: Tensor, runs: readonly Run[]): void {
  const [, heads = 0, rowsFrom = 0, size = 0] = from.dims;
  const [, , rowsTo = 0] = to.dims;
  const [source, target] = [float32Values(from), float32Values(to)];
  for (let head = 0; head < heads; head++) {
    for (const run of runs) {
      const at = (head * rowsTo + run.to) * size;
      const start = (head * rowsFrom + run.from) * size;
      const length = run.count * size;
      // A view costs as much as a few hundred numbers.
      if (length > 512) target.set(source.subarray(start, start + length), at);
      else for (let i = 0; i < length; i++) target[at + i] = source[start + i]!;
    }
  }
}
