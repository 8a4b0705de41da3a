/**
 * The LLaMA forward pass with full attention, as DiffuLLaMA, the Qwens and LLaDA run it: pre-norm
 * blocks with RMS norms, rotary positions ("rotate half": dimension j turns with j + hd/2), SiLU-gated
 * MLP. Grouped key/value heads, biases, and norms on query and key heads where the weights have them.
 * No causal mask; the shift is not applied here: row i of the head is row i of the input.
 *
 * S rows run, R rows wanted from the head, D hidden, V vocabulary, H heads of hd.
 */
import { Attention } from './attention';
import type { AttentionKind } from './attention';
import type { GraphBuilder, Value } from './graphBuilder';
import type { Manifest } from './manifest';
import { onnxType } from './onnxProto';
import { outputRowStats } from './rowStats';
import { leaveSpan, startOf, wholeSpan } from './layerSpan';
import type { LayerSpan } from './layerSpan';
import { rowsInput, wantedRows } from './wantedRows';
import type { WeightNodes } from './weightNodes';

export function buildLlama(
  graph: GraphBuilder,
  weights: WeightNodes,
  manifest: Manifest,
  attentionKind: AttentionKind,
  span: LayerSpan = wholeSpan(manifest),
): void {
  const { dimensions, normEpsilon, tiedHead, queryKeyNorm } = manifest;
  const { hiddenSize: d, headSize, feedForwardSize, vocabSize } = dimensions;
  const querySize = dimensions.heads * headSize;
  const keySize = dimensions.keyValueHeads * headSize;
  const ids = graph.input('ids', onnxType.int64, [graph.batch, 'S']);
  const positions = graph.input('positions', onnxType.int64, [graph.batch, 'S']);
  const rows = rowsInput(graph);
  const attention = new Attention(graph, dimensions, attentionKind);
  const { cos, sin } = rotaryTables(graph, manifest);
  const rotate = (x: Value) => graph.rotaryEmbedding(x, positions, cos, sin);
  const norm = (x: Value, name: string) =>
    graph.simplifiedLayerNormalization(x, weights.vector(`${name}.weight`, d), normEpsilon);

  /** Qwen 3: an RMS norm over each head, [1, S, n*hd] -> [1, S, n*hd] */
  const normHeads = (x: Value, name: string, count: number) => {
    if (queryKeyNorm !== true) return x;
    const apart = graph.reshape(x, graph.leading, -1, count, headSize);
    const scale = weights.vector(`${name}.weight`, headSize);
    const normed = graph.simplifiedLayerNormalization(apart, scale, normEpsilon);
    return graph.reshape(normed, graph.leading, -1, count * headSize);
  };

  let x = startOf(graph, span, d, () =>
    tiedHead
      ? weights.lookUpHead('embed.weight', ids, vocabSize, d)
      : weights.lookUp('embed.weight', ids, vocabSize, d),
  ); // [1, S, D]

  for (let i = span.first; i < span.end; i++) {
    const name = `layers.${i}`;
    const before = norm(x, `${name}.attention_norm`);
    const query = weights.linear(before, `${name}.query`, d, querySize);
    const key = weights.linear(before, `${name}.key`, d, keySize);
    const value = weights.linear(before, `${name}.value`, d, keySize);
    const [turnedQuery, turnedKey] = [
      rotate(normHeads(query, `${name}.query_norm`, dimensions.heads)),
      rotate(normHeads(key, `${name}.key_norm`, dimensions.keyValueHeads)),
    ];
    const mixed = attention.attend(i, turnedQuery, turnedKey, value); // [1, S, H*hd]
    const out = weights.linear(mixed, `${name}.attention_out`, querySize, d);
    x = graph.addition(x, out);

    const middle = norm(x, `${name}.mlp_norm`);
    const gate = weights.linear(middle, `${name}.gate`, d, feedForwardSize);
    const up = weights.linear(middle, `${name}.up`, d, feedForwardSize);
    const gated = graph.mul(graph.quickGelu(gate, 1), up); // [1, S, F]
    x = graph.addition(x, weights.linear(gated, `${name}.mlp_out`, feedForwardSize, d));
  }

  if (leaveSpan(graph, span, manifest, x)) return;

  // Only the wanted rows reach the head.
  const wanted = wantedRows(graph, x, rows, d); // [R, D]
  const head = tiedHead ? 'embed.weight' : 'head.weight';
  const logits = weights.head(norm(wanted, 'final_norm'), head, vocabSize, d); // [R, V]
  outputRowStats(graph, logits, vocabSize, rows);
}

/** cos and sin of position * theta^(-2j/hd): [maxTokens, hd/2] each, made here in double precision. */
function rotaryTables(graph: GraphBuilder, manifest: Manifest): { cos: Value; sin: Value } {
  const { maxTokens, headSize } = manifest.dimensions;
  const theta = manifest.ropeTheta ?? 10_000;
  const half = headSize / 2;
  const angles = Float64Array.from({ length: maxTokens * half }, (_, at) => {
    const [position, j] = [Math.floor(at / half), at % half];
    return position * theta ** ((-2 * j) / headSize);
  });
  const shape = [maxTokens, half];
  return {
    cos: graph.floats(Float32Array.from(angles, Math.cos), shape, 'rotary_cos'),
    sin: graph.floats(Float32Array.from(angles, Math.sin), shape, 'rotary_sin'),
  };
}
