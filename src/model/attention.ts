/**
 * Bidirectional attention with a key/value cache, common to all architectures: own keys and values
 * are appended to the past ones, the wanted ones go out, and every row sees every key. There is no
 * mask and keys need no order: where a token stands is already inside its key. Fast-dLLM's "dual
 * cache" (arXiv 2505.22618) in one graph: with an empty past it is a full forward, else a step.
 */
import type { GraphBuilder, Value } from './graphBuilder';
import type { ModelDimensions } from './manifest';
import { onnxType } from './onnxProto';

/**
 * fused: one MultiHeadAttention node, which has kernels everywhere; plain: MatMul and Softmax, slower
 * by a tenth but right on every device (fused is wrong beyond 16 keys on SwiftShader).
 */
export type AttentionKind = 'fused' | 'plain';

export class Attention {
  /** Absent where there is no cache. */
  private readonly keep: Value | undefined;
  private readonly nearRows: Value | undefined;

  constructor(
    private readonly graph: GraphBuilder,
    private readonly dimensions: ModelDimensions,
    private readonly kind: AttentionKind,
  ) {
    if (graph.isBatched) return;
    this.keep = graph.input('keep', onnxType.int64, ['C']);
    this.nearRows = graph.input('near_rows', onnxType.int64, ['N']);
  }

  /** query [1, S, H*hd], key and value [1, S, Hkv*hd] of layer `layer` -> [1, S, H*hd] */
  attend(layer: number, query: Value, key: Value, value: Value): Value {
    const keys = this.withPast(`key_${layer}`, key); // [1, H, P+S, hd]
    const values = this.withPast(`value_${layer}`, value); // [1, H, P+S, hd]
    return this.kind === 'fused'
      ? this.graph.multiHeadAttention(query, keys, values, this.dimensions.heads)
      : this.plain(query, keys, values);
  }

  private plain(query: Value, keys: Value, values: Value): Value {
    const { graph } = this;
    const { heads, headSize } = this.dimensions;
    const scale = graph.floats(Float32Array.of(headSize ** -0.5), [], 'attention_scale');
    const queries = this.toHeads(graph.mul(query, scale), heads); // [1, H, S, hd]
    const scores = graph.matMul(queries, graph.transpose(keys, 0, 1, 3, 2)); // [1, H, S, P+S]
    const mixed = graph.matMul(graph.softmax(scores, -1), values); // [1, H, S, hd]
    return graph.reshape(graph.transpose(mixed, 0, 2, 1, 3), graph.leading, -1, heads * headSize);
  }

  /** Own keys (or values) after those of the two caches; the kept rows of the own ones leave the graph. */
  private withPast(name: string, own: Value): Value {
    const { graph } = this;
    const { keyValueHeads, headSize } = this.dimensions;
    if (!this.keep || !this.nearRows) return this.repeatHeads(this.toHeads(own, keyValueHeads));
    const cached = (role: string, count: string) =>
      graph.input(`${role}_${name}`, onnxType.float, [1, keyValueHeads, count, headSize]);
    const past = cached('past', 'P');
    const near = graph.gather(cached('near', 'M'), this.nearRows, 2); // [1, Hkv, N, hd]
    const heads = this.toHeads(own, keyValueHeads); // [1, Hkv, S, hd]
    const kept = graph.gather(heads, this.keep, 2); // [1, Hkv, C, hd]
    graph.output(`kept_${name}`, kept, onnxType.float, [1, keyValueHeads, 'C', headSize]);
    return this.repeatHeads(graph.concat([past, near, heads], 2));
  }

  /** [1, S, n*hd] -> [1, n, S, hd] */
  private toHeads(x: Value, count: number): Value {
    const { graph } = this;
    const split = graph.reshape(x, graph.leading, -1, count, this.dimensions.headSize);
    return graph.transpose(split, 0, 2, 1, 3);
  }

  /** Grouped heads: each key/value head serves several query heads. The cache stays small. */
  private repeatHeads(x: Value): Value {
    const { graph } = this;
    const { heads, keyValueHeads, headSize } = this.dimensions;
    if (heads === keyValueHeads) return x;
    const apart = graph.unsqueeze(x, 2); // [1, Hkv, 1, T, hd]
    const repeated = graph.expand(apart, 1, 1, heads / keyValueHeads, 1, 1);
    return graph.reshape(repeated, graph.leading, heads, -1, headSize); // [1, H, T, hd]
  }
}
