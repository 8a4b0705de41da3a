/**
 * Rounds weights to 8 bits, symmetric about zero: one scale per column or row for the integer matrix
 * product, one per block of a row for MatMulNBits (4 bits: quantize4.ts). Plain arithmetic on typed
 * arrays; knows neither files nor graphs.
 */

export interface Quantized<T> {
  readonly values: T;
  readonly scales: Float32Array;
}

/** (K, N) with a scale for each of the N columns, -127..127. */
export function quantizeColumns(
  weights: Float32Array,
  rows: number,
  columns: number,
): Quantized<Int8Array> {
  const largest = new Float32Array(columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let column = 0; column < columns; column++) {
      const size = Math.abs(weights[start + column]);
      if (size > largest[column]) largest[column] = size;
    }
  }
  const scales = largest.map(scaleTo127);
  const inverse = scales.map((scale) => 1 / scale);
  const values = new Int8Array(weights.length);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let column = 0; column < columns; column++) {
      values[start + column] = Math.round(weights[start + column] * inverse[column]);
    }
  }
  return { values, scales };
}

/** (R, D) with a scale for each of the R rows, -127..127. */
export function quantizeRows(weights: Float32Array, width: number): Quantized<Int8Array> {
  const rows = weights.length / width;
  const scales = new Float32Array(rows);
  const values = new Int8Array(weights.length);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    let largest = 0;
    for (let i = start; i < start + width; i++) largest = Math.max(largest, Math.abs(weights[i]));
    scales[row] = scaleTo127(largest);
    const inverse = 1 / scales[row];
    for (let i = start; i < start + width; i++) values[i] = Math.round(weights[i] * inverse);
  }
  return { values, scales };
}

/** An all-zero row must not divide by zero; any scale will do for it. */
function scaleTo127(largest: number): number {
  return largest > 0 ? largest / 127 : 1;
}

/**
 * Rows of `width` in blocks of `block`, as MatMulNBits reads 8 bits: around 128, the last block of a
 * row padded with zeros. The value of largest size maps to the negative end exactly, so no bit pattern
 * is wasted. Four bits need more care: quantize4.ts.
 */
export function quantizeBlocks(
  weights: Float32Array,
  width: number,
  block: number,
): Quantized<Uint8Array> {
  const rows = weights.length / width;
  const blocks = Math.ceil(width / block);
  const scales = new Float32Array(rows * blocks);
  const values = new Uint8Array(rows * blocks * block).fill(128);
  for (let row = 0; row < rows; row++) {
    for (let b = 0; b < blocks; b++) {
      const start = row * width + b * block;
      const end = Math.min(start + block, (row + 1) * width);
      let extreme = 0;
      for (let i = start; i < end; i++) {
        if (Math.abs(weights[i]) > Math.abs(extreme)) extreme = weights[i];
      }
      const scale = extreme === 0 ? 1 : extreme / -128;
      const inverse = 1 / scale;
      scales[row * blocks + b] = scale;
      const base = (row * blocks + b) * block;
      for (let i = start; i < end; i++) {
        const value = Math.round(weights[i] * inverse) + 128;
        values[base + i - start] = Math.min(255, Math.max(0, value));
      }
    }
  }
  return { values, scales };
}

type Numbers = Float32Array | Uint16Array | Int8Array;

/** (R, C) to (C, R). */
export function transpose(weights: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(weights.length);
  transposeInto(turned, weights, 0, rows, columns);
  return turned;
}

/**
 * Puts rows of a matrix, from `first` on, into its transpose of `total` columns; in square tiles so that
 * neither side runs out of the cache.
 */
export function transposeInto<T extends Numbers>(
  turned: T,
  piece: T,
  first: number,
  total: number,
  columns: number,
): void {
  const tile = 32;
  const rows = piece.length / columns;
  for (let row = 0; row < rows; row += tile) {
    const rowEnd = Math.min(row + tile, rows);
    for (let column = 0; column < columns; column += tile) {
      const columnEnd = Math.min(column + tile, columns);
      for (let r = row; r < rowEnd; r++) {
        for (let c = column; c < columnEnd; c++) {
          turned[c * total + first + r] = piece[r * columns + c];
        }
      }
    }
  }
}
