/** Rounding of 16-bit floats against values known by hand and against every half there is. */
import assert from 'node:assert/strict';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from '../../../src/model/float16';

const half = (value: number) => floatToHalf(Float32Array.of(value))[0];
const bfloat = (value: number) => floatToBfloat(Float32Array.of(value))[0];

describe('float16', () => {
  it('gives back every half after a trip through 32 bits', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
    const back = floatToHalf(halfToFloat(all));
    for (const bits of all) {
      const isNaN = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      if (!isNaN) assert.equal(back[bits], bits, `0x${bits.toString(16)}`);
    }
  });

  it('reads known halves', () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00);
    assert.deepEqual([...halfToFloat(bits)], [1, -2, 65_504, 2 ** -24, Infinity]);
    assert.ok(Number.isNaN(halfToFloat(Uint16Array.of(0x7e01))[0]));
  });

  it('rounds to the nearest half, ties to even', () => {
    assert.equal(half(1 + 2 ** -11), 0x3c00); // half way: down to even
    assert.equal(half(1 + 3 * 2 ** -11), 0x3c02); // half way: up to even
    assert.equal(half(1 + 2 ** -11 + 2 ** -20), 0x3c01);
    assert.equal(half(65_519), 0x7bff);
    assert.equal(half(65_520), 0x7c00); // beyond the largest half
    assert.equal(half(2 ** -25), 0); // half of the smallest: to even
    assert.equal(half(-(2 ** -25) * 1.5), 0x8001);
    assert.ok((half(NaN) & 0x7fff) > 0x7c00);
  });

  it('rounds to the nearest bfloat, ties to even', () => {
    assert.equal(bfloat(1), 0x3f80);
    assert.equal(bfloat(1 + 2 ** -8), 0x3f80);
    assert.equal(bfloat(1 + 3 * 2 ** -8), 0x3f82);
    assert.equal(bfloat(-Infinity), 0xff80);
    assert.equal(bfloat(NaN), 0x7fc0);
    assert.deepEqual([...bfloatToFloat(Uint16Array.of(0x3f80, 0xc040))], [1, -3]);
  });
});
