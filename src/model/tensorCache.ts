/**
 * Keys and values of cached positions as plain CPU tensors, one pair a layer. Their memory is
 * JavaScript's own. Knows no graph and no canvas.
 */
import type { KeyValueCache } from './denoiser';
import { float32Tensor, float32Values } from './session';
import type { Tensor } from './session';

export class TensorCache implements KeyValueCache {
  constructor(
    readonly length: number,
    /** past_key_i and past_value_i of each layer, [1, Hkv, length, hd]. */
    readonly tensors: Readonly<Record<string, Tensor>>,
  ) {}

  select(indices: Int32Array): TensorCache {
    const chosen = Object.entries(this.tensors).map(
      ([name, tensor]) => [name, rowsOf(tensor, indices)] as const,
    );
    return new TensorCache(indices.length, Object.fromEntries(chosen));
  }

  /** The memory goes with the last reference. */
  dispose(): void {}
}

/** [1, H, P, hd] -> [1, H, C, hd]; neighbours are copied together. */
function rowsOf(tensor: Tensor, indices: Int32Array): Tensor {
  const [, heads = 0, length = 0, size = 0] = tensor.dims;
  const from = float32Values(tensor);
  const to = new Float32Array(heads * indices.length * size);
  for (let first = 0, past = 0; first < indices.length; first = past) {
    do past++;
    while (past < indices.length && indices[past] === indices[past - 1]! + 1);
    for (let head = 0; head < heads; head++) {
      const start = (head * length + indices[first]!) * size;
      const rows = from.subarray(start, start + (past - first) * size);
      to.set(rows, (head * indices.length + first) * size);
    }
  }
  return float32Tensor(to, [1, heads, indices.length, size]);
}
