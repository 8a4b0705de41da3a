/**
 * 16-bit floats to and from 32-bit ones, whole arrays at a time: IEEE half (f16) and bfloat16.
 * JavaScript has no such array before Node 24. Rounds to the nearest, ties to even, as PyTorch does.
 * Knows no file format; assumes a little-endian machine, as all that onnxruntime-node ships for are.
 */

/** All 65,536 halves as floats; 256 kB, made at first use, and three times faster than arithmetic. */
let halfTable: Float32Array | undefined;

function halfValues(): Float32Array {
  if (halfTable) return halfTable;
  const values = new Float32Array(65_536);
  for (let bits = 0; bits < 65_536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 0) values[bits] = sign * fraction * 2 ** -24;
    else if (exponent < 31) values[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    else values[bits] = fraction ? NaN : sign * Infinity;
  }
  return (halfTable = values);
}

export function halfToFloat(halves: Uint16Array): Float32Array {
  const values = halfValues();
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = values[halves[i]];
  return floats;
}

export function floatToHalf(floats: Float32Array): Uint16Array {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < bits.length; i++) halves[i] = halfBits(bits[i]);
  return halves;
}

function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112; // rebased: 127 - 15
  const fraction = bits & 0x7fffff;
  if (exponent >= 31) {
    const isNaN = exponent === 143 && fraction !== 0;
    return sign | 0x7c00 | (isNaN ? 0x200 : 0);
  }
  // A carry out of the fraction raises the exponent, up to infinity: just what rounding wants.
  if (exponent > 0) return sign | roundOff((exponent << 23) | fraction, 13);
  if (exponent < -10) return sign; // below half of the smallest subnormal
  return sign | roundOff(fraction | 0x800000, 14 - exponent);
}

/** `bits` without its lowest `count`, to the nearest, ties to even. */
function roundOff(bits: number, count: number): number {
  const kept = bits >>> count;
  const rest = bits & ((1 << count) - 1);
  const half = 1 << (count - 1);
  return rest > half || (rest === half && kept & 1) ? kept + 1 : kept;
}

export function bfloatToFloat(bfloats: Uint16Array): Float32Array {
  const bits = new Uint32Array(bfloats.length);
  for (let i = 0; i < bits.length; i++) bits[i] = bfloats[i] << 16;
  return new Float32Array(bits.buffer);
}

export function floatToBfloat(floats: Float32Array): Uint16Array {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const bfloats = new Uint16Array(floats.length);
  for (let i = 0; i < bits.length; i++) {
    const isNaN = (bits[i] & 0x7fffffff) > 0x7f800000;
    bfloats[i] = isNaN ? 0x7fc0 : (bits[i] + 0x7fff + ((bits[i] >>> 16) & 1)) >>> 16;
  }
  return bfloats;
}
