/**
 * All tensors of a checkpoint folder by name, whether in one model.safetensors, in pytorch_model.bin
 * or in the shards that an index lists, read piece by piece as 32-bit floats. Knows neither
 * architectures nor what a tensor is for.
 */
import { open, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { realFileOf } from './containedFile';
import { bfloatToFloat, halfToFloat } from './float16';
import { isJsonObject, readJsonObject } from './jsonFile';
import { badCheckpoint } from './modelErrors';
import { elements, readSafetensors } from './safetensors';
import type { TensorEntry } from './safetensors';
import { readTorchFile } from './torchFile';

/** Tensors by name, as the readers of architectures and the conversion see them. */
export interface TensorSource {
  /** What errors name. */
  readonly dir: string;
  /** Number format of most of the weights: F32, F16 or BF16. */
  readonly dtype: string;
  readonly names: readonly string[];
  find(name: string): TensorEntry | undefined;
  /** `count` elements from the `start`-th on; the whole tensor by default. */
  read(name: string, start?: number, count?: number): Promise<Float32Array>;
  close(): Promise<void>;
}

/** A folder is read from the first of these that it has. */
const layouts = [
  { index: 'model.safetensors.index.json', single: 'model.safetensors' },
  { index: 'pytorch_model.bin.index.json', single: 'pytorch_model.bin' },
  { index: 'adapter_model.safetensors.index.json', single: 'adapter_model.safetensors' },
  { index: 'adapter_model.bin.index.json', single: 'adapter_model.bin' },
] as const;

/** One read call takes at most 2 GiB; this is also how often a stop is noticed. */
const maxReadBytes = 2 ** 28;

export class TensorStore implements TensorSource {
  private readonly handles = new Map<string, FileHandle>();

  private constructor(
    readonly dir: string,
    /** Real paths of the files that hold the tensors. */
    readonly files: readonly string[],
    private readonly entries: ReadonlyMap<string, TensorEntry>,
  ) {}

  static async open(dir: string): Promise<TensorStore> {
    const names = await weightFiles(dir);
    const entries = new Map<string, TensorEntry>();
    for (const name of names.files) {
      const file = await realFileOf(dir, name);
      const isTorch = name.endsWith('.bin');
      const inFile = isTorch
        ? await readTorchFile(path.join(dir, name), file)
        : await readSafetensors(path.join(dir, name), file);
      for (const entry of inFile.values()) {
        if (entries.has(entry.name)) {
          throw badCheckpoint(dir, `tensor "${entry.name}" stands in two of its shards`);
        }
        entries.set(entry.name, entry);
      }
    }
    for (const tensor of names.promised) {
      if (entries.has(tensor)) continue;
      throw badCheckpoint(dir, `${names.index} lists tensor "${tensor}" but no shard holds it`);
    }
    const files = [...new Set([...entries.values()].map((entry) => entry.file))];
    return new TensorStore(dir, files, entries);
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  get dtype(): string {
    const sizes = new Map<string, number>();
    for (const { dtype, sizeBytes } of this.entries.values()) {
      sizes.set(dtype, (sizes.get(dtype) ?? 0) + sizeBytes);
    }
    return [...sizes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'F32';
  }

  find(name: string): TensorEntry | undefined {
    return this.entries.get(name);
  }

  async read(name: string, start = 0, count?: number): Promise<Float32Array> {
    const entry = this.entries.get(name);
    if (!entry) throw badCheckpoint(this.dir, `tensor "${name}" is missing`);
    const size = count ?? elements(entry.shape) - start;
    const { strides } = entry;
    if (strides === undefined) return this.run(entry, start, size);
    // A view into a larger storage: fetch what it spans, then pick.
    const span = entry.shape.reduce(
      (last, length, axis) => last + (length - 1) * strides[axis]!,
      1,
    );
    const whole = await this.run(entry, 0, span);
    return Float32Array.from(
      { length: size },
      (_, i) => whole[placeOf(start + i, entry.shape, strides)]!,
    );
  }

  async close(): Promise<void> {
    const open = [...this.handles.values()];
    this.handles.clear();
    await Promise.all(open.map((handle) => handle.close()));
  }

  /** `size` neighbouring elements as floats. */
  private async run(entry: TensorEntry, start: number, size: number): Promise<Float32Array> {
    switch (entry.dtype) {
      case 'F64':
        return Float32Array.from(new Float64Array(await this.bytes(entry, start * 8, size * 8)));
      case 'F32':
        return new Float32Array(await this.bytes(entry, start * 4, size * 4));
      case 'F16':
        return halfToFloat(new Uint16Array(await this.bytes(entry, start * 2, size * 2)));
      case 'BF16':
        return bfloatToFloat(new Uint16Array(await this.bytes(entry, start * 2, size * 2)));
      default: {
        const found = `tensor "${entry.name}" is stored as ${entry.dtype}`;
        throw badCheckpoint(this.dir, found, 'Use a checkpoint in F32, F16 or BF16');
      }
    }
  }

  private async bytes(entry: TensorEntry, start: number, size: number): Promise<ArrayBuffer> {
    let handle = this.handles.get(entry.file);
    if (!handle) this.handles.set(entry.file, (handle = await open(entry.file)));
    const bytes = new Uint8Array(size);
    for (let done = 0; done < size;) {
      const length = Math.min(maxReadBytes, size - done);
      const at = entry.offset + start + done;
      const { bytesRead } = await handle.read(bytes, done, length, at);
      if (bytesRead === 0) throw badCheckpoint(entry.file, `it ended at byte ${at} while reading`);
      done += bytesRead;
    }
    return bytes.buffer;
  }
}

/** Storage offset of the `index`-th element in row-major order. */
function placeOf(index: number, shape: readonly number[], strides: readonly number[]): number {
  let rest = index;
  let place = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place += (rest % shape[axis]!) * strides[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return place;
}

interface WeightFiles {
  readonly files: readonly string[];
  /** Tensors that an index says are in them. */
  readonly promised: readonly string[];
  readonly index: string;
}

async function weightFiles(dir: string): Promise<WeightFiles> {
  const present = new Set(await readdir(dir));
  for (const { index, single } of layouts) {
    if (present.has(index)) {
      const map = (await readJsonObject(path.join(dir, index)))?.weight_map;
      if (!isJsonObject(map)) throw badCheckpoint(dir, `${index} has no "weight_map"`);
      const files = [...new Set(Object.values(map))].filter((file) => typeof file === 'string');
      for (const file of files) {
        // The index may come from anywhere: it may name files of this folder only.
        if (path.basename(file) !== file || !present.has(file)) {
          throw badCheckpoint(dir, `the shard "${file}" that ${index} lists is missing`);
        }
      }
      return { files, promised: Object.keys(map), index };
    }
    if (present.has(single)) return { files: [single], promised: [], index: '' };
  }
  const shard = [...present].find((name) => /-of-\d+\.(safetensors|bin)$/.test(name));
  if (shard) {
    const found = `it holds the shard "${shard}" but no index that lists all of them`;
    throw badCheckpoint(dir, found);
  }
  const { single, index } = layouts[0];
  const found = `it holds no weights (neither ${single} nor ${index} nor pytorch_model.bin)`;
  throw badCheckpoint(dir, found, 'Give the folder that the checkpoint was downloaded to');
}
