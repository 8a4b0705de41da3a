/**
 * What is left of a tiny checkpoint's weights after storing them in a format, element by element and
 * without any of the product's packing: with it the plain forward says exactly what the graphs over
 * rounded weights must compute, activations not rounded.
 */
import { floatToHalf, halfToFloat } from '../../src/model/float16';
import { quantize4 } from '../../src/model/quantize4';
import type { WeightFormat } from '../../src/protocol/messages';
import { unpack4 } from './unpack4';
import type { TinyCheckpoint, TinyTensor } from './tinyCheckpoint';

export function roundedWeights(checkpoint: TinyCheckpoint, format: WeightFormat): TinyCheckpoint {
  const { shape } = checkpoint;
  const tensors = new Map<string, TinyTensor>();
  for (const [name, tensor] of checkpoint.tensors) {
    const isEmbedding = /embed_tokens/.test(name);
    const isHead = name === 'lm_head.weight' || (isEmbedding && shape.tiedHead);
    const isTable = /wpe/.test(name) || isEmbedding;
    const isFlat = tensor.shape.length === 1 || format === 'f32';
    const half = () => halfToFloat(floatToHalf(tensor.values));
    const values = isFlat
      ? tensor.values
      : format === 'f16' || (isTable && !isHead)
        ? half()
        : isHead
          ? byOutput(tensor, 'rows', format === 'q8' ? eightBits : blocks(128, 128))
          : byOutput(tensor, shape.architecture === 'gpt2' ? 'columns' : 'rows', linear(format));
    tensors.set(name, { ...tensor, values });
  }
  return { ...checkpoint, tensors };
}

type Round = (weights: readonly number[]) => number[];

function linear(format: WeightFormat): Round {
  return format === 'q8' ? eightBits : fourBits;
}

/** Which scale and zero point a block has is for quantize4.test.ts; here they are taken as they are. */
function fourBits(weights: readonly number[]): number[] {
  return [
    ...unpack4(quantize4(Float32Array.from(weights), weights.length, 32), weights.length, 32),
  ];
}

/** Applies `round` to all the weights of one output, for each output. */
function byOutput({ shape, values }: TinyTensor, outputs: 'rows' | 'columns', round: Round) {
  const [rows, columns] = shape;
  const result = new Float32Array(values.length);
  const count = outputs === 'rows' ? rows : columns;
  const place = (output: number, i: number) =>
    outputs === 'rows' ? output * columns + i : i * columns + output;
  for (let output = 0; output < count; output++) {
    const size = values.length / count;
    const own = Array.from({ length: size }, (_, i) => values[place(output, i)]);
    round(own).forEach((value, i) => (result[place(output, i)] = value));
  }
  return result;
}

/** -127..127 times one scale. */
function eightBits(weights: readonly number[]): number[] {
  const scale = Math.fround(Math.max(...weights.map(Math.abs)) / 127);
  return weights.map((weight) => Math.round(weight / scale) * scale);
}

/** -zero..zero-1 times a scale for each `size` weights, whose largest maps to -zero. */
function blocks(size: number, zero: number): Round {
  return (weights) =>
    weights.map((weight, i) => {
      const start = i - (i % size);
      const block = weights.slice(start, start + size);
      const extreme = block.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most));
      const scale = Math.fround(extreme / -zero);
      return Math.min(zero - 1, Math.max(-zero, Math.round(weight / scale))) * scale;
    });
}
