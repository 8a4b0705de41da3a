/**
 * A LoRA adapter (PEFT) on top of a checkpoint, merged while the weights are read: W + scale · B · A in
 * 32-bit floats, and whole tensors that the adapter replaces (DiffuLLaMA-gsm trains its embedding).
 * Everything comes from adapter_config.json; a variant whose mathematics is another is refused. Knows
 * no model: names are matched by their ends.
 */
import path from 'node:path';
import { Fields, readJsonObject } from './jsonFile';
import { badCheckpoint, unsupportedModel } from './modelErrors';
import type { TensorEntry } from './safetensors';
import { TensorStore } from './tensorStore';
import type { TensorSource } from './tensorStore';

/** What stands in front of a module's name, in adapters and in checkpoints. */
const wrappers = /^(base_model\.model\.)?(denoise_model\.|model\.)*/;
const bodies = ['', 'model.', 'denoise_model.'];

interface LowRank {
  /** Tensors of the adapter: A [r, in], B [out, r]. */
  readonly a: string;
  readonly b: string;
}

/** Closes both when it is closed. @throws LacunaError naming what does not fit. */
export async function openAdapted(base: TensorStore, dir: string): Promise<TensorSource> {
  const file = path.join(dir, 'adapter_config.json');
  const config = new Fields(file, (await readJsonObject(file)) ?? {});
  const scale = scaleOf(config, dir);
  const adapter = await TensorStore.open(dir);
  try {
    return new AdaptedTensors(base, adapter, scale);
  } catch (error) {
    await adapter.close();
    throw error;
  }
}

/** alpha / r, or alpha / sqrt(r) with rank stabilisation. */
function scaleOf(config: Fields, dir: string): number {
  const rank = config.positive('r');
  const alpha = config.number('lora_alpha') ?? rank;
  const type = config.string('peft_type') ?? 'LORA';
  const isSet = (key: string) => Object.keys(config.object(key) ?? {}).length > 0;
  const trouble =
    type !== 'LORA'
      ? `it is an adapter of the type ${type}, not LoRA`
      : config.boolean('use_dora') === true
        ? 'it scales the weights by their size (DoRA)'
        : config.boolean('fan_in_fan_out') === true
          ? 'it was trained on weights stored the other way round'
          : (config.string('bias') ?? 'none') !== 'none'
            ? 'it trains biases too'
            : isSet('rank_pattern') || isSet('alpha_pattern')
              ? 'its ranks differ from layer to layer'
              : undefined;
  if (trouble) throw unsupportedModel(dir, trouble, 'Use a plain LoRA adapter');
  return config.boolean('use_rslora') === true ? alpha / Math.sqrt(rank) : alpha / rank;
}

class AdaptedTensors implements TensorSource {
  private readonly lowRank = new Map<string, LowRank>();
  /** Base tensor -> tensor of the adapter that stands in for it. */
  private readonly replaced = new Map<string, string>();

  constructor(
    private readonly base: TensorStore,
    private readonly adapter: TensorStore,
    private readonly scale: number,
  ) {
    for (const name of adapter.names) this.place(name);
    for (const [name, { a, b }] of this.lowRank) this.check(name, a, b);
    if (this.lowRank.size === 0) throw badCheckpoint(adapter.dir, 'it changes no weight');
  }

  get dir(): string {
    return this.base.dir;
  }
  get dtype(): string {
    return this.base.dtype;
  }
  get names(): string[] {
    return this.base.names;
  }

  find(name: string): TensorEntry | undefined {
    const instead = this.replaced.get(name);
    return instead === undefined ? this.base.find(name) : this.adapter.find(instead);
  }

  async read(name: string, start = 0, count?: number): Promise<Float32Array> {
    const instead = this.replaced.get(name);
    if (instead !== undefined) return this.adapter.read(instead, start, count);
    const values = await this.base.read(name, start, count);
    const pair = this.lowRank.get(name);
    if (pair) await this.add(values, start, pair);
    return values;
  }

  async close(): Promise<void> {
    await Promise.all([this.base.close(), this.adapter.close()]);
  }

  private place(name: string): void {
    const low = /^(.*)\.lora_([AB])(?:\.\w+)?\.weight$/.exec(name);
    if (!low) {
      // `modules_to_save` under their own names, or under the wrapper PEFT keeps them in.
      const plain = name.replace(/\.modules_to_save(\.\w+)?\./, '.');
      this.replaced.set(this.target(plain, name), name);
      return;
    }
    const other = low[2] === 'A' ? 'B' : 'A';
    const partner = name.replace(`.lora_${low[2]}`, `.lora_${other}`);
    if (!this.adapter.find(partner)) {
      throw badCheckpoint(this.adapter.dir, `tensor "${partner}" is missing`);
    }
    if (low[2] === 'B') return;
    this.lowRank.set(this.target(`${low[1]}.weight`, name), { a: name, b: partner });
  }

  /** The tensor of the base that `plain` means; `name` is what the adapter calls it. */
  private target(plain: string, name: string): string {
    const bare = plain.replace(wrappers, '');
    const found = bodies.map((body) => body + bare).find((full) => this.base.find(full));
    if (found !== undefined) return found;
    const text = `tensor "${name}" belongs to no weight of the base checkpoint`;
    throw badCheckpoint(this.adapter.dir, text, 'Check that --base names the right checkpoint');
  }

  private check(name: string, a: string, b: string): void {
    const [rows, columns] = this.base.find(name)!.shape;
    const [rank, from] = this.adapter.find(a)!.shape;
    const [to, rankToo] = this.adapter.find(b)!.shape;
    if (rank === rankToo && rows === to && columns === from && (rank ?? 0) > 0) return;
    const shapes = `[${to}, ${rankToo}] times [${rank}, ${from}]`;
    const found = `tensors "${a}" and its partner are ${shapes}, weight "${name}" [${rows}, ${columns}]`;
    throw badCheckpoint(this.adapter.dir, found, 'Check that --base names the right checkpoint');
  }

  /** values += scale · (B · A) for the elements from `start` on, row-major in [out, in]. */
  private async add(values: Float32Array, start: number, { a, b }: LowRank): Promise<void> {
    const [rank, columns] = this.adapter.find(a)!.shape as [number, number];
    const [down, up] = await Promise.all([this.adapter.read(a), this.adapter.read(b)]);
    const delta = new Float64Array(columns);
    for (let done = 0; done < values.length;) {
      const row = Math.floor((start + done) / columns);
      const first = (start + done) % columns;
      const count = Math.min(columns - first, values.length - done);
      delta.fill(0);
      for (let r = 0; r < rank; r++) {
        const factor = up[row * rank + r]! * this.scale;
        for (let i = 0; i < count; i++) delta[i]! += factor * down[r * columns + first + i]!;
      }
      for (let i = 0; i < count; i++) values[done + i]! += delta[i]!;
      done += count;
    }
  }
}
