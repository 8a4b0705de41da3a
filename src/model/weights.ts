/**
 * How each kind of weight is stored in a model folder for each format. encodeWeight.ts makes what is
 * listed here of a checkpoint's tensors, weightNodes.ts has the graph nodes that read it.
 *
 *            f32   f16   q8                            q4
 *   vector   F32   F32   F32                           F32
 *   table    F32   F16   F16                           F16
 *   linear   F32   F16   int8, a scale per output      4 bits, scale and zero point per block of 32
 *   head     F32   F16   int8, a scale per row         8 bits, a scale per block of 128
 *
 * A tied head is stored once and also serves as the embedding table. With q8 and q4 the embeddings
 * then have 8-bit rows, under 1 % of their size as noise: on the tiny GPT-2 of the tests all rounding
 * of weights together moves the logits' error from 1.4 to 1.6 % (the rest is rounded activations).
 * It saves a second copy: 39 against 116 MB for GPT-2-small.
 */
import type { WeightFormat } from '../protocol/messages';
import type { TensorPlan, WritableDtype } from './safetensorsWriter';
import type { WeightSpec } from './weightSpec';

/**
 * Blocks of 128 multiply 1.6 times as fast on a CPU (32 rows, 4096 by 4096; zero points cost nothing)
 * and have twice the divergence; see quantize4.ts. 32 is what the GPU kernels' integer paths ask for.
 */
export const linearBlock = 32;
export const headBlock = 128;

/** Changes when the same checkpoint would be stored as other bytes: halves of an older one are no use. */
export const encoding = 2;

/** The scales stand beside the weight under this name. */
export function scaleName(weight: string): string {
  return `${weight}.scale`;
}

/** So do the zero points; q4 of before has none, its values stand around 8. */
export function zeroName(weight: string): string {
  return `${weight}.zero`;
}

/** The tensors that `spec` becomes in a model folder of `format`: values, scales, zero points. */
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
    return [
      ...scaled('U8', [second, blocks, linearBlock / 2], [second, blocks]), // [out, in]
      { name: zeroName(name), dtype: 'U8', shape: [second, Math.ceil(blocks / 2)] },
    ];
  }
  if (format === 'q8') return scaled('I8', [first, second], [first]);
  const blocks = Math.ceil(second / headBlock);
  return scaled('U8', [first, blocks, headBlock], [first, blocks]);
}
