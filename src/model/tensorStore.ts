/**
 * All tensors of a checkpoint folder by name, whether in one model.safetensors or in the shards that
 * model.safetensors.index.json lists, read piece by piece as 32-bit floats. Knows neither
 * architectures nor what a tensor is for.
 */
import { open, readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { bfloatToFloat, halfToFloat } from './float16';
import { isJsonObject, readJsonObject } from './jsonFile';
import { badCheckpoint } from './modelErrors';
import { elements, readSafetensors } from './safetensors';
import type { TensorEntry } from './safetensors';

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';

/** One read call takes at most 2 GiB; this is also how often a stop is noticed. */
const maxReadBytes = 2 ** 28;

export class TensorStore {
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
      for (const entry of (await readSafetensors(path.join(dir, name))).values()) {
        if (entries.has(entry.name)) {
          throw badCheckpoint(dir, `tensor "${entry.name}" stands in two of its shards`);
        }
        entries.set(entry.name, entry);
      }
    }
    for (const tensor of names.promised) {
      if (entries.has(tensor)) continue;
      throw badCheckpoint(dir, `${indexFile} lists tensor "${tensor}" but no shard holds it`);
    }
    const files = [...new Set([...entries.values()].map((entry) => entry.file))];
    return new TensorStore(dir, files, entries);
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  find(name: string): TensorEntry | undefined {
    return this.entries.get(name);
  }

  /** `count` elements from the `start`-th on; the whole tensor by default. */
  async read(name: string, start = 0, count?: number): Promise<Float32Array> {
    const entry = this.entries.get(name);
    if (!entry) throw badCheckpoint(this.dir, `tensor "${name}" is missing`);
    const size = count ?? elements(entry.shape) - start;
    switch (entry.dtype) {
      case 'F32':
        return new Float32Array(await this.bytes(entry, start * 4, size * 4));
      case 'F16':
        return halfToFloat(new Uint16Array(await this.bytes(entry, start * 2, size * 2)));
      case 'BF16':
        return bfloatToFloat(new Uint16Array(await this.bytes(entry, start * 2, size * 2)));
      default: {
        const found = `tensor "${name}" is stored as ${entry.dtype}`;
        throw badCheckpoint(this.dir, found, 'Use a checkpoint in F32, F16 or BF16');
      }
    }
  }

  async close(): Promise<void> {
    const open = [...this.handles.values()];
    this.handles.clear();
    await Promise.all(open.map((handle) => handle.close()));
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

/** The files that hold the weights, and the tensors that an index promises to be in them. */
async function weightFiles(dir: string): Promise<{ files: string[]; promised: string[] }> {
  const present = new Set(await readdir(dir));
  if (present.has(indexFile)) {
    const map = (await readJsonObject(path.join(dir, indexFile)))?.weight_map;
    if (!isJsonObject(map)) throw badCheckpoint(dir, `${indexFile} has no "weight_map"`);
    const files = [...new Set(Object.values(map))].filter((file) => typeof file === 'string');
    for (const file of files) {
      // The index may come from anywhere: it may name files of this folder only.
      if (path.basename(file) !== file || !present.has(file)) {
        throw badCheckpoint(dir, `the shard "${file}" that ${indexFile} lists is missing`);
      }
    }
    return { files, promised: Object.keys(map) };
  }
  if (present.has(singleFile)) return { files: [singleFile], promised: [] };
  const pickled = [...present].find((name) => /^pytorch_model.*\.bin$/.test(name));
  if (pickled) {
    const advice = 'Convert it to safetensors, or download the safetensors files of the checkpoint';
    throw badCheckpoint(dir, `its weights are in "${pickled}", which is not safetensors`, advice);
  }
  const found = `it holds no weights (neither ${singleFile} nor ${indexFile})`;
  throw badCheckpoint(dir, found, 'Give the folder that the checkpoint was downloaded to');
}
