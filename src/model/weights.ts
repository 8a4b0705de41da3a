/**
 * How each kind of weight is stored in a model folder for each format, and the conversion of one
 * weight to it, piece by piece. weightNodes.ts has the graph nodes that read what is stored here.
 *
 *            f32   f16   q8                            q4
 *   vector   F32   F32   F32                           F32
 *   table    F32   F16   F16                           F16
 *   linear   F32   F16   int8, a scale per output      4 bits, a scale per block of 32
 *   head     F32   F16   int8, a scale per row         8 bits, a scale per block of 128
 *
 * A tied head is stored once and also serves as the embedding table. With q8 and q4 the embeddings
 * then have 8-bit rows, under 1 % of their size as noise: on the tiny GPT-2 of the tests all rounding
 * of weights together moves the logits' error from 1.4 to 1.6 % (the rest is rounded activations).
 * It saves a second copy: 39 against 116 MB for GPT-2-small.
 */
import type { WeightFormat } from '../protocol/messages';
import { floatToHalf } from './float16';
import { badCheckpoint } from './modelErrors';
import { quantizeBlocks, quantizeColumns, quantizeRows, transpose } from './quantize';
import type { TensorPlan, WritableDtype } from './safetensorsWriter';
import type { TensorSource } from './tensorStore';
import type { ResolvedWeight, WeightSpec } from './weightSpec';

/** Smaller blocks are more exact; 32 is also what the GPU kernels' integer paths ask for. */
export const linearBlock = 32;
export const headBlock = 128;

/** Elements converted at a time where a weight is a stack of rows: 64 MB of floats. */
const pieceElements = 2 ** 24;

/** The scales stand beside the weight under this name. */
export function scaleName(weight: string): string {
  return `${weight}.scale`;
}

/** The tensors that `spec` becomes in a model folder of `format`, in the order of `encodeWeight`. */
export function storedTensors(spec: WeightSpec, format: WeightFormat): TensorPlan[] {
  const { name, kind, shape } = spec;
  const plain = (dtype: WritableDtype): TensorPlan[] => [{ name, dtype, shape }];
  const scaled = (dtype: WritableDtype, values: number[], scales: number[]): TensorPlan[] => [
    { name, dtype, shape: values },
    { name: scaleName(name), dtype: 'F32', shape: scales },
  ];
  if (kind === 'vector' || format === 'f32') return plain('F32');
  if (kind === 'table' || format === 'f16') return plain('F16');
  const [first, second] = shape;
  if (kind === 'linear') {
    if (format === 'q8') return scaled('I8', [first, second], [second]); // [in, out]
    const blocks = Math.ceil(first / linearBlock);
    return scaled('U8', [second, blocks, linearBlock / 2], [second, blocks]); // [out, in]
  }
  if (format === 'q8') return scaled('I8', [first, second], [first]);
  const blocks = Math.ceil(second / headBlock);
  return scaled('U8', [first, blocks, headBlock], [first, blocks]);
}

/**
 * The bytes of `storedTensors`, one after the other.
 * @throws LacunaError `badCheckpoint` for values that are no finite numbers.
 */
export async function* encodeWeight(
  weight: ResolvedWeight,
  format: WeightFormat,
  source: TensorSource,
): AsyncGenerator<ArrayBufferView> {
  const tensors = finiteOnly(source);
  if (weight.kind === 'linear') yield* encodeLinear(weight, format, tensors);
  else yield* encodeRows(weight, format, tensors);
}

type Reading = Pick<TensorSource, 'read'>;

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

async function* encodeLinear(
  weight: ResolvedWeight,
  format: WeightFormat,
  tensors: Reading,
): AsyncGenerator<ArrayBufferView> {
  const [from, to] = weight.shape;
  const stored = await tensors.read(weight.source);
  if (format === 'q4') {
    const rows = weight.transposed ? stored : transpose(stored, from, to); // [out, in]
    const { values, scales } = quantizeBlocks(rows, from, linearBlock, 4);
    yield values;
    yield scales;
    return;
  }
  const columns = weight.transposed ? transpose(stored, to, from) : stored; // [in, out]
  if (format === 'q8') {
    const { values, scales } = quantizeColumns(columns, from, to);
    yield values;
    yield scales;
  } else {
    yield format === 'f16' ? floatToHalf(columns) : columns;
  }
}

/** Vectors, tables and heads: rows that can be converted a few at a time. */
async function* encodeRows(
  weight: ResolvedWeight,
  format: WeightFormat,
  tensors: Reading,
): AsyncGenerator<ArrayBufferView> {
  const rows = weight.kind === 'vector' ? 1 : weight.shape[0];
  const width = weight.shape.at(-1)!;
  const first = (weight.firstRow ?? 0) * width;
  const rowsAtOnce = Math.max(1, Math.floor(pieceElements / width));
  const scales: Float32Array[] = [];
  for (let row = 0; row < rows; row += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - row);
    const piece = await tensors.read(weight.source, first + row * width, count * width);
    if (weight.kind === 'vector' || format === 'f32') yield piece;
    else if (weight.kind === 'table' || format === 'f16') yield floatToHalf(piece);
    else {
      const quantized =
        format === 'q8' ? quantizeRows(piece, width) : quantizeBlocks(piece, width, headBlock, 8);
      scales.push(quantized.scales);
      yield quantized.values;
    }
  }
  yield* scales;
}
