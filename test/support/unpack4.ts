/** Reads 4-bit blocks back after ONNX Runtime's description of MatMulNBits, sharing nothing with the packing. */
import type { Quantized4 } from '../../src/model/quantize4';

/** (R, width) as the product sees it. */
export function unpack4(packed: Quantized4, width: number, block: number): Float32Array {
  const { values, scales, zeros } = packed;
  const blocks = Math.ceil(width / block);
  const rows = scales.length / blocks;
  const nibble = (bytes: Uint8Array, at: number) =>
    at % 2 === 0 ? bytes[at >> 1]! % 16 : Math.floor(bytes[at >> 1]! / 16);
  return Float32Array.from({ length: rows * width }, (_, index) => {
    const [row, column] = [Math.floor(index / width), index % width];
    const b = Math.floor(column / block);
    const zero = nibble(zeros, row * 2 * Math.ceil(blocks / 2) + b);
    const value = nibble(values, (row * blocks + b) * block + (column % block));
    return (value - zero) * scales[row * blocks + b]!;
  });
}
