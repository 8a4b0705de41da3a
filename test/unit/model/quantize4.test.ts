/** Rounding to 4 bits: less error than plain rounding, in the order in which MatMulNBits reads it. */
import assert from 'node:assert/strict';
import { GraphBuilder } from '../../../src/model/graphBuilder';
import { onnxType } from '../../../src/model/onnxProto';
import { quantize4 } from '../../../src/model/quantize4';
import { readSafetensors } from '../../../src/model/safetensors';
import { SafetensorsWriter } from '../../../src/model/safetensorsWriter';
import { float32Tensor, float32Values, Session } from '../../../src/model/session';
import { useTempFolder } from '../../support/tempFolder';
import { normals } from '../../support/tinyCheckpoint';
import { unpack4 } from '../../support/unpack4';

const block = 32;

/** Sum of squared differences. */
function error(weights: Float32Array, read: Float32Array): number {
  return weights.reduce((sum, weight, i) => sum + (weight - read[i]!) ** 2, 0);
}

/** What q4 was before: each block's extreme at the end of -8..7, the scale that follows from it. */
function plainly(weights: Float32Array): Float32Array {
  const read = new Float32Array(weights.length);
  for (let start = 0; start < weights.length; start += block) {
    const own = weights.subarray(start, start + block);
    const extreme = own.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
    const scale = extreme / -8 || 1;
    own.forEach((weight, i) => {
      read[start + i] = Math.min(7, Math.max(-8, Math.round(weight / scale))) * scale;
    });
  }
  return read;
}

function weightsOf(kind: 'normal' | 'outliers' | 'skewed', length = 64 * block): Float32Array {
  const normal = normals(7);
  return Float32Array.from({ length }, (_, i) => {
    const value = 0.02 * normal();
    if (kind === 'skewed') return Math.abs(value) + 0.01;
    return kind === 'outliers' && i % 45 === 0 ? 15 * value : value;
  });
}

describe('quantize4', () => {
  const at = useTempFolder();

  // Of the error of plain rounding, in this order: 0.80, 0.49 and 0.26 were measured.
  for (const [kind, most] of [
    ['normal', 0.85],
    ['outliers', 0.6],
    ['skewed', 0.3],
  ] as const) {
    it(`loses less than plain rounding on ${kind} weights`, () => {
      const weights = weightsOf(kind);
      const share =
        error(weights, unpack4(quantize4(weights, 256, block), 256, block)) /
        error(weights, plainly(weights));
      assert.ok(share < most, `${share.toFixed(3)} of the error`);
    });
  }

  it('comes near the best of all scales and zero points', () => {
    const weights = weightsOf('normal', 24 * block);
    const found = error(weights, unpack4(quantize4(weights, 96, block), 96, block));
    let best = 0;
    for (let start = 0; start < weights.length; start += block) {
      const own = weights.subarray(start, start + block);
      const range = Math.max(...own) - Math.min(...own);
      let least = Infinity;
      for (let zero = 0; zero < 16; zero++) {
        for (let share = 0.5; share < 1.6; share += 0.01) {
          const scale = (share * range) / 15;
          const read = own.map((weight) => {
            const q = Math.min(15, Math.max(0, Math.round(weight / scale) + zero));
            return (q - zero) * scale;
          });
          least = Math.min(least, error(own, read));
        }
      }
      best += least;
    }
    assert.ok(found < 1.03 * best, `${(found / best).toFixed(3)} times the smallest error`);
  });

  it('keeps what needs no rounding: whole steps, one value, zeros', () => {
    const whole = Float32Array.from({ length: block }, (_, i) => ((i % 16) - 5) * 0.25);
    assert.deepEqual(unpack4(quantize4(whole, block, block), block, block), whole);
    for (const value of [0, 0.5, -0.5]) {
      const same = new Float32Array(block).fill(value);
      assert.deepEqual(unpack4(quantize4(same, block, block), block, block), same);
    }
  });

  it('pads the last block of a row with zeros, and rows with an odd number of blocks', () => {
    const width = 70; // three blocks, the last of six values
    const weights = weightsOf('normal', 3 * width);
    const packed = quantize4(weights, width, block);
    assert.equal(packed.values.length, (3 * 3 * block) / 2);
    assert.equal(packed.zeros.length, 3 * 2);
    const padded = unpack4(packed, 3 * block, block);
    for (let row = 0; row < 3; row++) {
      for (let i = 0; i < 3 * block; i++) {
        const read = padded[row * 3 * block + i]!;
        if (i >= width) assert.equal(read, 0);
        else assert.ok(Math.abs(read - weights[row * width + i]!) < 0.01);
      }
    }
  });

  it('is read by ONNX Runtime as it was meant', async () => {
    const [width, outputs, rows] = [96, 24, 5]; // three blocks: the zero points of a row are padded
    const weights = weightsOf('outliers', outputs * width);
    const { values, scales, zeros } = quantize4(weights, width, block);
    const plan = [
      { name: 'w', dtype: 'U8', shape: [outputs, 3, block / 2] },
      { name: 's', dtype: 'F32', shape: [outputs, 3] },
      { name: 'z', dtype: 'U8', shape: [outputs, 2] },
    ] as const;
    const writer = await SafetensorsWriter.create(at('w.safetensors'), plan);
    for (const part of [values, scales, zeros]) await writer.append(part);
    await writer.finish();

    const graph = new GraphBuilder(at('w.safetensors'), await readSafetensors(at('w.safetensors')));
    const x = graph.input('x', onnxType.float, [1, 'S', width]);
    const [w, s, z] = ['w', 's', 'z'].map((name) => graph.weight(name));
    const sizes = { K: width, N: outputs, bits: 4, block_size: block, accuracy_level: 0 };
    const y = graph.matMulNBits(x, w!, s!, z!, sizes);
    graph.output('y', y, onnxType.float, [1, 'S', outputs]);
    const options = { device: 'cpu', threads: 1 } as const;
    const session = await Session.create(graph.encode(), at('w.safetensors'), options);
    const input = Float32Array.from({ length: rows * width }, normals(3));
    const result = await session.run({ x: float32Tensor(input, [1, rows, width]) }, ['y']);
    await session.release();

    const read = unpack4({ values, scales, zeros }, width, block);
    float32Values(result.y!).forEach((found, index) => {
      const [row, output] = [Math.floor(index / outputs), index % outputs];
      let expected = 0;
      for (let i = 0; i < width; i++) {
        expected += input[row * width + i]! * read[output * width + i]!;
      }
      assert.ok(Math.abs(found - expected) < 1e-5, `${index}: ${found}, not ${expected}`);
    });
  });
});
