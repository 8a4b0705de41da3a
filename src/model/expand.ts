/**
 * Weights that travel in 4 bits and run in 8: a CPU multiplies 8 bits twice as fast, and a package should be
 * small. Made once, into the cache of converted models, of a model folder that asks for it. Knows no
 * checkpoints and no graphs.
 */
import { open, copyFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { checkIntact } from './intact';
import { recordOf } from './fileRecords';
import { manifestFile } from './convert';
import { checksumOf } from './manifest';
import type { Manifest } from './manifest';
import { openModelFolder } from './modelFolder';
import type { ModelFolder } from './modelFolder';
import { removeOwn, strayName } from './ownFolder';
import { claimPartial, releasePartial } from './partialFolder';
import { quantizeRows, transposeInto } from './quantize';
import type { TensorEntry } from './safetensors';
import { SafetensorsWriter } from './safetensorsWriter';
import type { TensorPlan } from './safetensorsWriter';
import { headBlock, linearBlock, scaleName, zeroName } from './weights';

export interface ExpandOptions {
  /** Where converted models are kept. */
  readonly cacheDir: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The folder that a CPU runs in place of `model`: itself where it asks for nothing else.
 * @throws LacunaError, or an error of the file system where the cache cannot be written.
 */
export async function expandForCpu(
  model: ModelFolder,
  { cacheDir, signal }: ExpandOptions,
): Promise<ModelFolder> {
  const { manifest } = model;
  if (manifest.cpuWeights !== 'q8' || manifest.weights !== 'q4') return model;
  const outDir = path.join(cacheDir, `${manifest.name}-${checksumOf(manifest).slice(0, 16)}-q8`);
  const ready = async () => {
    const folder = await openModelFolder(outDir);
    await checkIntact(folder, { cacheDir, signal });
    return folder;
  };
  const isThere = (await readdir(outDir).catch((): string[] => [])).includes(manifestFile);
  if (isThere) {
    const found = await ready().catch(() => undefined);
    if (found) return found;
    // Damaged, so not as its manifest says; the cache's own names may go.
    const names = await readdir(outDir);
    const stray = strayName(names, Object.keys(manifest.files));
    if (stray !== undefined) throw new Error(`"${outDir}" also holds "${stray}"`);
    await removeOwn(outDir, names);
  }
  const making = await claimPartial(outDir, `expand${checksumOf(manifest).slice(0, 16)}`);
  try {
    await expand(model, making, signal);
    await rename(making, outDir).catch(async (error: unknown) => {
      // Another process has made it meanwhile.
      if (!(await readdir(outDir).catch((): string[] => [])).includes(manifestFile)) throw error;
    });
    return await ready();
  } finally {
    await rm(making, { recursive: true, force: true });
    releasePartial(making);
  }
}

async function expand(model: ModelFolder, to: string, signal?: AbortSignal): Promise<void> {
  const { manifest, weights, weightFile, dir } = model;
  const names = [...weights.keys()].filter((name) => !isCompanion(name));
  const plan = names.flatMap((name) => planOf(weights.get(name)!, weights, manifest));
  const out = await SafetensorsWriter.create(path.join(to, manifest.weightFile), plan);
  const source = await open(weightFile);
  try {
    for (const name of names) {
      signal?.throwIfAborted();
      for (const part of await encode(name, model, source)) await out.append(part);
    }
    await out.finish();
  } catch (error) {
    await out.abandon();
    throw error;
  } finally {
    await source.close();
  }
  const files: Record<string, Manifest['files'][string]> = {};
  for (const name of Object.keys(manifest.files)) {
    if (name !== manifest.weightFile) await copyFile(path.join(dir, name), path.join(to, name));
    files[name] = await recordOf(path.join(to, name), signal);
  }
  const { checksum: _, cpuWeights: __, ...rest } = manifest;
  const own = { ...rest, weights: 'q8' as const, files };
  const text = JSON.stringify({ ...own, checksum: checksumOf(own) }, null, 2);
  await writeFile(path.join(to, manifestFile), `${text}\n`);
}

function isCompanion(name: string): boolean {
  return name.endsWith(scaleName('')) || name.endsWith(zeroName(''));
}

/** The stored tensors of a weight in 8 bits, as weights.ts lists them. */
function planOf(
  entry: TensorEntry,
  weights: ModelFolder['weights'],
  manifest: Manifest,
): TensorPlan[] {
  const { name, dtype, shape } = entry;
  if (dtype !== 'U8') return [{ name, dtype: dtype as TensorPlan['dtype'], shape }];
  const [rows] = shape as readonly [number];
  const width = widthOf(name, manifest);
  const isLinear = weights.has(zeroName(name));
  return [
    { name, dtype: 'I8', shape: isLinear ? [width, rows] : [rows, width] },
    { name: scaleName(name), dtype: 'F32', shape: [rows] },
  ];
}

/** Numbers in a row as the network has it: blocks are padded. */
function widthOf(name: string, { dimensions }: Manifest): number {
  const { hiddenSize, feedForwardSize, heads, headSize } = dimensions;
  if (/\.mlp_out\.weight$/.test(name)) return feedForwardSize;
  return /\.attention_out\.weight$/.test(name) ? heads * headSize : hiddenSize;
}

async function encode(
  name: string,
  { manifest, weights }: ModelFolder,
  source: FileHandle,
): Promise<ArrayBufferView[]> {
  const bytesOf = async (wanted: string) => {
    const { offset, sizeBytes } = weights.get(wanted)!;
    const { buffer } = await source.read(Buffer.alloc(sizeBytes), 0, sizeBytes, offset);
    return buffer;
  };
  const entry = weights.get(name)!;
  const values = await bytesOf(name);
  if (entry.dtype !== 'U8') return [values];
  const scaleBytes = await bytesOf(scaleName(name));
  const scales = new Float32Array(scaleBytes.buffer, scaleBytes.byteOffset, scaleBytes.length / 4);
  const [rows, blocks] = entry.shape as readonly [number, number];
  const width = widthOf(name, manifest);
  if (!weights.has(zeroName(name))) {
    const rounded = quantizeRows(fromEightBits(values, scales, rows, blocks, width), width);
    return [rounded.values, rounded.scales];
  }
  const zeros = await bytesOf(zeroName(name));
  const floats = fromFourBits(values, scales, zeros, { rows, blocks, width });
  const rounded = quantizeRows(floats, width);
  const turned = new Int8Array(rows * width);
  transposeInto(turned, rounded.values, 0, rows, width);
  return [turned, rounded.scales];
}

/** Rows of `width` floats of [rows, blocks, 128] bytes around 128. */
export function fromEightBits(
  values: Uint8Array,
  scales: Float32Array,
  rows: number,
  blocks: number,
  width: number,
): Float32Array {
  const floats = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) {
      const block = row * blocks + Math.floor(i / headBlock);
      const value = values[block * headBlock + (i % headBlock)]! - 128;
      floats[row * width + i] = value * scales[block]!;
    }
  }
  return floats;
}

/** Rows of `width` floats of [rows, blocks, 16] bytes, two values in each; zero points likewise. */
export function fromFourBits(
  values: Uint8Array,
  scales: Float32Array,
  zeros: Uint8Array,
  {
    rows,
    blocks,
    width,
  }: { readonly rows: number; readonly blocks: number; readonly width: number },
): Float32Array {
  const floats = new Float32Array(rows * width);
  const zeroBytes = Math.ceil(blocks / 2);
  for (let row = 0; row < rows; row++) {
    for (let b = 0; b < blocks; b++) {
      const at = row * blocks + b;
      const zero = (zeros[row * zeroBytes + (b >> 1)]! >> (4 * (b & 1))) & 15;
      const scale = scales[at]!;
      const first = b * linearBlock;
      const end = Math.min(linearBlock, width - first);
      for (let i = 0; i < end; i++) {
        const code = (values[(at * linearBlock + i) >> 1]! >> (4 * (i & 1))) & 15;
        floats[row * width + first + i] = (code - zero) * scale;
      }
    }
  }
  return floats;
}
