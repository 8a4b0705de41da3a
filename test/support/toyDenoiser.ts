/**
 * A Denoiser without weights: the logits of a row are a pure function of the whole canvas it sees,
 * run rows and cached ones alike, so that windows, caches and shifts can be tested exactly. Written
 * from the interface alone; shares no code with the model floor.
 */
import type {
  Denoiser,
  ForwardRequest,
  ForwardResult,
  KeyValueCache,
} from '../../src/model/denoiser';

/** What one row sees: the canvas as far as it is run or cached, and its own position. */
export type ToyLogits = (position: number, seen: ReadonlyMap<number, number>) => ArrayLike<number>;

interface ToyCache extends KeyValueCache {
  readonly seen: ReadonlyMap<number, number>;
}

export class ToyDenoiser implements Denoiser {
  readonly requests: ForwardRequest[] = [];
  liveCaches = 0;

  constructor(
    readonly vocabSize: number,
    private readonly logitsAt: ToyLogits,
    readonly maxTokens = 512,
  ) {}

  async forward(request: ForwardRequest): Promise<ForwardResult> {
    this.requests.push(request);
    const { ids, positions, rows, banned, past, near, keep, wantLogits } = request;
    const entriesOf = (cache?: KeyValueCache) => [...((cache as ToyCache | undefined)?.seen ?? [])];
    const nearEntries = entriesOf(near?.cache);
    const cached = [...entriesOf(past), ...[...(near?.rows ?? [])].map((at) => nearEntries[at]!)];
    const seen = new Map(cached);
    ids.forEach((id, index) => seen.set(positions[index]!, id));
    const width = Math.min(64, this.vocabSize);
    const stats = {
      width,
      ids: new Int32Array(rows.length * width),
      logits: new Float32Array(rows.length * width),
      logSumExp: new Float32Array(rows.length),
    };
    const whole = new Float32Array(rows.length * this.vocabSize);
    rows.forEach((row, index) => {
      const raw = Float32Array.from(this.logitsAt(positions[row]!, seen));
      whole.set(raw, index * this.vocabSize);
      for (const id of banned) raw[id] = -1e30;
      const ranked = [...raw.keys()].sort((a, b) => raw[b]! - raw[a]! || a - b).slice(0, width);
      stats.ids.set(ranked, index * width);
      stats.logits.set(
        ranked.map((id) => raw[id]!),
        index * width,
      );
      stats.logSumExp[index] = Math.log(raw.reduce((sum, logit) => sum + Math.exp(logit), 0));
    });
    return {
      stats,
      ...(wantLogits ? { logits: whole } : {}),
      ...(keep === undefined ? {} : { kept: this.#cache(ids, positions, keep) }),
    };
  }

  async dispose(): Promise<void> {}

  #cache(ids: Int32Array, positions: Int32Array, keep: Int32Array): ToyCache {
    const seen = new Map([...keep].map((index) => [positions[index]!, ids[index]!]));
    return this.#cacheOf(seen);
  }

  #cacheOf(seen: Map<number, number>): ToyCache {
    this.liveCaches++;
    return {
      length: seen.size,
      seen,
      replace: (indices, other) => {
        const [entries, others] = [[...seen], [...(other as ToyCache).seen]];
        indices.forEach((place, row) => (entries[place] = others[row]!));
        seen.clear();
        for (const [position, id] of entries) seen.set(position, id);
      },
      select: (indices) => {
        const entries = [...seen];
        return this.#cacheOf(new Map([...indices].map((index) => entries[index]!)));
      },
      dispose: () => void this.liveCaches--,
    };
  }
}

/** Pseudo-random logits that depend on every token seen; `spread` sets how sure the rows are. */
export function mixedLogits(vocabSize: number, spread = 4): ToyLogits {
  return (position, seen) => {
    let hash = position + 1;
    for (const [at, id] of [...seen].sort((a, b) => a[0] - b[0])) {
      hash = (Math.imul(hash ^ (id + 7), 0x9e3779b1) + at) >>> 0;
    }
    return Array.from({ length: vocabSize }, (_, id) => {
      const mixed = Math.imul(hash ^ Math.imul(id + 1, 0x85ebca6b), 0xc2b2ae35) >>> 0;
      return ((mixed ^ (mixed >>> 15)) % 1000) * (spread / 1000);
    });
  };
}
