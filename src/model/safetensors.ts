/**
 * The safetensors format, reading: 8 bytes of length, a JSON header, then raw little-endian tensors.
 * Every size and offset is checked before anything is read by it, since the file may come from
 * anywhere. Knows no tensor names and no shards (tensorStore.ts does).
 */
import { open, realpath } from 'node:fs/promises';
import { isCount, isJsonObject } from './jsonFile';
import { badCheckpoint } from './modelErrors';

/** The format's own limit, bytes. A 7B checkpoint's header has about 30 kB. */
const maxHeaderBytes = 100_000_000;
/** Far above the largest real one (a few thousand). */
const maxTensors = 200_000;
/** ONNX and PyTorch both stop here in practice; published weights have 1 to 4. */
const maxRank = 8;
/** Bytes per element; files may hold others, which are skipped over but never read. */
const dtypeBytes: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1 },
  ...{ U16: 2, I16: 2, F16: 2, BF16: 2 },
  ...{ U32: 4, I32: 4, F32: 4, U64: 8, I64: 8, F64: 8 },
};

export interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Real path of its file: ONNX Runtime refuses symbolic links, the Hugging Face cache has them. */
  readonly file: string;
  /** From the start of the file, bytes. */
  readonly offset: number;
  readonly sizeBytes: number;
  /** Elements from one index to the next, by axis, where they do not stand in row-major order. */
  readonly strides?: readonly number[];
}

/**
 * Tensors of one file by name, each one inside the file and none overlapping another.
 * @param file real path, where the caller has looked it up; `path` is what errors name.
 */
export async function readSafetensors(
  path: string,
  file?: string,
): Promise<Map<string, TensorEntry>> {
  file ??= await realpath(path);
  const handle = await open(file);
  try {
    const fileBytes = (await handle.stat()).size;
    if (fileBytes < 8) throw badCheckpoint(path, `it has ${fileBytes} bytes, too few for a header`);
    const lengthField = Buffer.alloc(8);
    await handle.read(lengthField, 0, 8, 0);
    const length = lengthField.readBigUInt64LE();
    if (length > maxHeaderBytes || length > fileBytes - 8) {
      const found = `its header claims ${length} bytes but the file has ${fileBytes}`;
      throw badCheckpoint(path, `${found}: truncated, or not a safetensors file`);
    }
    const header = Buffer.alloc(Number(length));
    await handle.read(header, 0, header.length, 8);
    const entries = parseHeader(path, file, header.toString('utf8'), 8 + header.length);
    checkLayout(path, entries, 8 + header.length, fileBytes);
    return new Map(entries.map((entry) => [entry.name, entry]));
  } finally {
    await handle.close();
  }
}

function parseHeader(path: string, file: string, text: string, dataStart: number): TensorEntry[] {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    throw badCheckpoint(path, 'its header is not valid JSON', undefined, { cause: error });
  }
  if (!isJsonObject(header)) throw badCheckpoint(path, 'its header is not a JSON object');
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  if (names.length > maxTensors) throw badCheckpoint(path, `it lists ${names.length} tensors`);
  const twice = repeatedKey(text);
  if (twice !== undefined) throw badCheckpoint(path, `it lists tensor ${twice} twice`);
  return names.map((name) => {
    const entry = parseEntry(header[name]);
    if (typeof entry === 'string') throw badCheckpoint(path, `tensor "${name}" ${entry}`);
    const { begin, end, dtype, shape } = entry;
    return { name, dtype, shape, file, offset: dataStart + begin, sizeBytes: end - begin };
  });
}

/** The first key of a JSON object that stands there twice; JSON.parse silently takes the last. */
function repeatedKey(text: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  // Strings, and the brackets between them; whatever else there is says nothing about depth.
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(?:\s*:)?|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token.endsWith(':')) {
      const key = JSON.stringify(JSON.parse(token.replace(/\s*:$/, '')));
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}

interface RawEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** One header entry, or what is wrong with it. */
function parseEntry(value: unknown): RawEntry | string {
  if (!isJsonObject(value)) return 'has no entry object';
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') return 'has no dtype';
  if (!Array.isArray(shape) || shape.length > maxRank || !shape.every(isCount)) {
    return `has the shape ${JSON.stringify(shape)}`;
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return `has the data_offsets ${JSON.stringify(offsets)}`;
  }
  const [begin, end] = offsets;
  if (end < begin) return `ends at byte ${end}, before its start ${begin}`;
  const expected = elements(shape) * (dtypeBytes[dtype] ?? NaN);
  if (dtype in dtypeBytes && end - begin !== expected) {
    return `has ${end - begin} bytes where ${dtype} [${shape}] needs ${expected}`;
  }
  return { dtype, shape, begin, end };
}

/** The format wants the tensors back to back, from the header's end to the file's. */
function checkLayout(
  path: string,
  entries: readonly TensorEntry[],
  dataStart: number,
  fileBytes: number,
): void {
  const inOrder = entries.toSorted((a, b) => a.offset - b.offset || a.sizeBytes - b.sizeBytes);
  let end = dataStart;
  for (const entry of inOrder) {
    if (entry.offset !== end) {
      const trouble = entry.offset < end ? 'overlaps the tensor before it' : 'leaves a hole';
      throw badCheckpoint(path, `tensor "${entry.name}" ${trouble}`);
    }
    end = entry.offset + entry.sizeBytes;
    if (end > fileBytes) {
      const found = `tensor "${entry.name}" ends at byte ${end} but the file has ${fileBytes}`;
      throw badCheckpoint(path, `${found}: the file is truncated`);
    }
  }
  if (end !== fileBytes) throw badCheckpoint(path, `it has ${fileBytes - end} bytes too many`);
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
