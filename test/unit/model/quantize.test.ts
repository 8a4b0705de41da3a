/** Rounding to 8 bits: the error is bounded by half a step of the scale, in the right layout. */
import assert from 'node:assert/strict';
import {
  quantizeBlocks,
  quantizeColumns,
  quantizeRows,
  transpose,
  transposeInto,
} from '../../../src/model/quantize';

const random = (length: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898) * 3);

describe('quantizeColumns', () => {
  it('keeps each value within half a step of its column', () => {
    const weights = random(40 * 7);
    const { values, scales } = quantizeColumns(weights, 40, 7);
    weights.forEach((weight, i) => {
      const error = Math.abs(values[i] * scales[i % 7] - weight);
      assert.ok(error <= scales[i % 7] * 0.5001, `${i}: ${error}`);
    });
    assert.equal(Math.max(...values.map(Math.abs)), 127);
  });

  it('survives a column of zeros', () => {
    const { values, scales } = quantizeColumns(new Float32Array(6), 3, 2);
    assert.deepEqual([...values], [0, 0, 0, 0, 0, 0]);
    assert.deepEqual([...scales], [1, 1]);
  });
});

describe('quantizeRows', () => {
  it('is quantizeColumns turned', () => {
    const weights = random(5 * 12);
    const rows = quantizeRows(weights, 12);
    const columns = quantizeColumns(transpose(weights, 5, 12), 12, 5);
    assert.deepEqual(rows.scales, columns.scales);
    assert.deepEqual(
      Float32Array.from(rows.values),
      transpose(Float32Array.from(columns.values), 12, 5),
    );
  });
});

describe('quantizeBlocks', () => {
  it('keeps 8-bit values within a step and pads the last block with zeros', () => {
    const [width, block] = [50, 32];
    const weights = random(3 * width);
    const { values, scales } = quantizeBlocks(weights, width, block);
    for (let row = 0; row < 3; row++) {
      for (let i = 0; i < 2 * block; i++) {
        const scale = scales[row * 2 + Math.floor(i / block)];
        const read = (values[row * 2 * block + i] - 128) * scale;
        if (i >= width) assert.equal(Math.abs(read), 0);
        // A whole step, not half: the positive end has one value less.
        else assert.ok(Math.abs(read - weights[row * width + i]) <= Math.abs(scale) * 1.001);
      }
    }
  });
});

describe('transpose', () => {
  it('turns rows into columns beyond the size of a tile', () => {
    const weights = random(70 * 45);
    const turned = transpose(weights, 70, 45);
    for (let r = 0; r < 70; r++) {
      for (let c = 0; c < 45; c++) assert.equal(turned[c * 70 + r], weights[r * 45 + c]);
    }
  });

  it('does so in pieces, of other number types as well', () => {
    const weights = Int8Array.from({ length: 70 * 45 }, (_, i) => i % 127);
    const turned = new Int8Array(70 * 45);
    for (const [first, end] of [
      [40, 70],
      [0, 40],
    ] as const) {
      transposeInto(turned, weights.subarray(first * 45, end * 45), first, 70, 45);
    }
    for (let r = 0; r < 70; r++) {
      for (let c = 0; c < 45; c++) assert.equal(turned[c * 70 + r], weights[r * 45 + c]);
    }
  });
});
