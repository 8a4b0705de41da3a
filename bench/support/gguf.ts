/**
 * The GGUF format (version 3), writing: what llama.cpp reads, so that it can run a checkpoint of the same
 * shape as ours. Metadata, tensor table, tensors at multiples of 32 bytes; made in memory, one file. Knows
 * no architecture; ggufModels.ts has the names.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

export type GgufValue =
  | { readonly kind: 'u32' | 'f32'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'i32s'; readonly value: Int32Array };

export interface GgufTensor {
  readonly name: string;
  /** Row-major, the last dimension varies fastest; GGUF itself lists them the other way round. */
  readonly shape: readonly number[];
  readonly type: 'f32' | 'q8_0';
  readonly data: Uint8Array;
}

const alignment = 32;
const valueTypes = { u32: 4, i32: 5, f32: 6, string: 8, array: 9 } as const;
const tensorTypes = { f32: 0, q8_0: 8 } as const;

export function writeGguf(
  file: string,
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): void {
  const handle = openSync(file, 'w');
  try {
    let at = 0;
    const write = (bytes: Uint8Array) => {
      for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done);
      at += bytes.length;
    };
    write(ggufHeader(metadata, tensors));
    for (const { data } of tensors) {
      write(new Uint8Array(padding(at)));
      write(data);
    }
  } finally {
    closeSync(handle);
  }
}

/** All before the tensors' data, which begin at the next multiple of 32. */
export function ggufHeader(
  metadata: Readonly<Record<string, GgufValue>>,
  tensors: readonly GgufTensor[],
): Uint8Array {
  const entries = Object.entries(metadata);
  const pieces: Uint8Array[] = [Buffer.from('GGUF'), u32(3), u64(tensors.length)];
  pieces.push(u64(entries.length));
  for (const [key, value] of entries) pieces.push(text(key), ...encoded(value));
  let offset = 0;
  for (const { name, shape, type, data } of tensors) {
    pieces.push(text(name), u32(shape.length), ...shape.toReversed().map(u64));
    pieces.push(u32(tensorTypes[type]), u64(offset));
    offset += data.length;
    offset += padding(offset);
  }
  const header = Buffer.concat(pieces);
  return Buffer.concat([header, new Uint8Array(padding(header.length))]);
}

/**
 * q8_0: blocks of 32 values, each a 16-bit float scale and 32 signed bytes; value = scale * byte.
 * @param values their count is a multiple of 32.
 */
export function quantizeQ8(values: Float32Array): Uint8Array {
  const block = 32;
  if (values.length % block !== 0) throw new Error(`${values.length} values make no whole blocks`);
  const bytes = new Uint8Array((values.length / block) * (2 + block));
  const view = new DataView(bytes.buffer);
  for (let start = 0, at = 0; start < values.length; start += block, at += 2 + block) {
    let largest = 0;
    for (let i = start; i < start + block; i++) largest = Math.max(largest, Math.abs(values[i]!));
    const scale = largest / 127;
    view.setUint16(at, halfBits(scale), true);
    const inverse = scale > 0 ? 1 / scale : 0;
    for (let i = 0; i < block; i++)
      view.setInt8(at + 2 + i, Math.round(values[start + i]! * inverse));
  }
  return bytes;
}

/** A positive float of a scale's size as 16 bits; what is below the normal ones becomes 0. */
function halfBits(value: number): number {
  if (value < 2 ** -14) return 0;
  const exponent = Math.floor(Math.log2(value));
  const fraction = Math.round((value / 2 ** exponent - 1) * 1024);
  return ((exponent + 15) << 10) + fraction; // a fraction of 1024 carries over, as it should
}

function encoded(entry: GgufValue): Uint8Array[] {
  switch (entry.kind) {
    case 'u32':
      return [u32(valueTypes.u32), u32(entry.value)];
    case 'f32':
      return [u32(valueTypes.f32), new Uint8Array(Float32Array.of(entry.value).buffer)];
    case 'string':
      return [u32(valueTypes.string), text(entry.value)];
    case 'strings': {
      const head = [u32(valueTypes.array), u32(valueTypes.string), u64(entry.value.length)];
      return [...head, ...entry.value.map(text)];
    }
    case 'i32s': {
      const bytes = new Uint8Array(
        entry.value.buffer,
        entry.value.byteOffset,
        entry.value.byteLength,
      );
      return [u32(valueTypes.array), u32(valueTypes.i32), u64(entry.value.length), bytes];
    }
  }
}

function padding(length: number): number {
  return (alignment - (length % alignment)) % alignment;
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

function u64(value: number): Uint8Array {
  return new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
}
