/**
 * One weight of a checkpoint in the form that weights.ts lists, in chunks of rows that can be made in
 * any order, on any thread, and never need more than some ten megabytes; only a linear weight that
 * has to be turned is one chunk. Knows no files but through the source it reads from.
 */
import type { WeightFormat } from '../protocol/messages';
import { floatToHalf } from './float16';
import { badCheckpoint } from './modelErrors';
import { quantizeBlocks, quantizeColumns, quantizeRows } from './quantize';
import { transpose, transposeInto } from './quantize';
import { quantize4 } from './quantize4';
import { elements } from './safetensors';
import type { TensorSource } from './tensorStore';
import { headBlock, linearBlock, storedTensors } from './weights';
import type { ResolvedWeight } from './weightSpec';

/** Rows of the stored tensors; of a weight that is one chunk, all of it. */
export interface Chunk {
  readonly first: number;
  readonly count: number;
}

/** Bytes of a stored tensor, from byte `offset` of it on. */
export interface EncodedPiece {
  readonly tensor: string;
  readonly offset: number;
  readonly bytes: ArrayBufferView;
}

/** Elements converted at a time: 16 MB of floats. */
const chunkElements = 2 ** 22;

type Reading = Pick<TensorSource, 'read'>;

export function chunksOf(weight: ResolvedWeight, format: WeightFormat): Chunk[] {
  const { kind, shape } = weight;
  if (kind === 'vector') return [{ first: 0, count: 1 }];
  const rows = kind === 'linear' ? shape[1]! : shape[0]!;
  if (isWhole(weight, format)) return [{ first: 0, count: rows }];
  return rowsAtOnce(rows, elements(shape) / rows);
}

/** Only where a linear weight is stored as the checkpoint has it, a row needs nothing of the others. */
function isWhole({ kind, transposed }: ResolvedWeight, format: WeightFormat): boolean {
  return kind === 'linear' && !(format === 'q4' && transposed === true);
}

function rowsAtOnce(rows: number, width: number): Chunk[] {
  const most = Math.max(1, Math.floor(chunkElements / width));
  return Array.from({ length: Math.ceil(rows / most) }, (_, i) => ({
    first: i * most,
    count: Math.min(most, rows - i * most),
  }));
}

/**
 * The bytes of `chunk` in each of the tensors of `storedTensors`.
 * @throws LacunaError `badCheckpoint` for values that are no finite numbers.
 */
export async function encodeChunk(
  weight: ResolvedWeight,
  chunk: Chunk,
  format: WeightFormat,
  source: TensorSource,
): Promise<EncodedPiece[]> {
  const tensors = finiteOnly(source);
  const isLinear = weight.kind === 'linear';
  const parts = await (isLinear ? encodeLinear : encodeRows)(weight, chunk, format, tensors);
  const rows = weight.kind === 'vector' ? 1 : isLinear ? weight.shape[1]! : weight.shape[0]!;
  return storedTensors(weight, format).map(({ name }, i) => {
    const bytes = parts[i]!;
    // A chunk that is not the whole holds whole rows, and every row has the same size.
    const offset = chunk.count === rows ? 0 : (bytes.byteLength / chunk.count) * chunk.first;
    return { tensor: name, offset, bytes };
  });
}

/** One NaN would make all that is predicted NaN; a rounding to integers would hide where it came from. */
function finiteOnly(source: TensorSource): Reading {
  return {
    async read(name, start, count) {
      const values = await source.read(name, start, count);
      let sum = 0;
      for (let i = 0; i < values.length; i++) sum += values[i] * 0; // NaN and infinities give NaN
      if (sum === 0) return values;
      const stray = values.findIndex((value) => !Number.isFinite(value));
      const file = source.find(name)?.file ?? source.dir;
      const found = `value ${(start ?? 0) + stray} of tensor "${name}" is ${values[stray]}`;
      throw badCheckpoint(file, `${found}: the weights are damaged`);
    },
  };
}

async function encodeLinear(
  weight: ResolvedWeight,
  { first, count }: Chunk,
  format: WeightFormat,
  tensors: Reading,
): Promise<ArrayBufferView[]> {
  const [from, to] = weight.shape as readonly [number, number];
  if (format === 'q4') {
    const rows = weight.transposed // [out, in]
      ? await tensors.read(weight.source, first * from, count * from)
      : transpose(await tensors.read(weight.source), from, to);
    const { values, scales, zeros } = quantize4(rows, from, linearBlock);
    return [values, scales, zeros];
  }
  if (weight.transposed) return turnedLinear(weight, format, tensors);
  const columns = await tensors.read(weight.source); // [in, out]
  if (format === 'f32') return [columns];
  if (format === 'f16') return [floatToHalf(columns)];
  const { values, scales } = quantizeColumns(columns, from, to);
  return [values, scales];
}

/** [out, in] to [in, out], narrowed before it is turned so that the floats are never all there. */
async function turnedLinear(
  { shape, source }: ResolvedWeight,
  format: 'f32' | 'f16' | 'q8',
  tensors: Reading,
): Promise<ArrayBufferView[]> {
  const [from, to] = shape as readonly [number, number];
  const size = from * to;
  const scales = new Float32Array(to);
  const halves = new Uint16Array(format === 'f16' ? size : 0);
  const bytes = new Int8Array(format === 'q8' ? size : 0);
  const floats = new Float32Array(format === 'f32' ? size : 0);
  for (const { first, count } of rowsAtOnce(to, from)) {
    const rows = await tensors.read(source, first * from, count * from);
    if (format === 'f32') transposeInto(floats, rows, first, to, from);
    else if (format === 'f16') transposeInto(halves, floatToHalf(rows), first, to, from);
    else {
      const rounded = quantizeRows(rows, from);
      scales.set(rounded.scales, first);
      transposeInto(bytes, rounded.values, first, to, from);
    }
  }
  return format === 'f32' ? [floats] : format === 'f16' ? [halves] : [bytes, scales];
}

/** Vectors, tables and heads. */
async function encodeRows(
  weight: ResolvedWeight,
  { first, count }: Chunk,
  format: WeightFormat,
  tensors: Reading,
): Promise<ArrayBufferView[]> {
  const width = weight.shape.at(-1)!;
  const start = ((weight.firstRow ?? 0) + first) * width;
  const rows = await tensors.read(weight.source, start, count * width);
  if (weight.kind === 'vector' || format === 'f32') return [rows];
  if (weight.kind === 'table' || format === 'f16') return [floatToHalf(rows)];
  const { values, scales } =
    format === 'q8' ? quantizeRows(rows, width) : quantizeBlocks(rows, width, headBlock);
  return [values, scales];
}
