/**
 * The GPT-2 forward pass with full attention, as DiffuGPT runs it: pre-norm blocks, learned absolute
 * positions, gelu_new, usually a tied head. The causal mask of the original is not there at all. The
 * shift is not applied here: row i of the head is row i of the input.
 *
 * S rows run, R rows wanted from the head, D hidden, V vocabulary, H heads of hd.
 */
import { Attention } from './attention';
import type { AttentionKind } from './attention';
import type { GraphBuilder } from './graphBuilder';
import type { Manifest } from './manifest';
import { onnxType } from './onnxProto';
import { outputRowStats } from './rowStats';
import { leaveSpan, startOf, wholeSpan } from './layerSpan';
import type { LayerSpan } from './layerSpan';
import { rowsInput, wantedRows } from './wantedRows';
import type { WeightNodes } from './weightNodes';

export function buildGpt2(
  graph: GraphBuilder,
  weights: WeightNodes,
  manifest: Manifest,
  attentionKind: AttentionKind,
  span: LayerSpan = wholeSpan(manifest),
): void {
  const { dimensions, normEpsilon, tiedHead } = manifest;
  const { hiddenSize: d, feedForwardSize, vocabSize } = dimensions;
  const ids = graph.input('ids', onnxType.int64, [graph.batch, 'S']);
  const positions = graph.input('positions', onnxType.int64, [graph.batch, 'S']);
  const rows = rowsInput(graph);
  // The table may have more rows than the canvas: DiffuGPT-S has 1024 and was trained on 512.
  const positionRows = graph.findWeight('positions.weight')?.shape[0] ?? 0;
  const attention = new Attention(graph, dimensions, attentionKind);
  const norm = (x: string, name: string) => {
    const scale = weights.vector(`${name}.weight`, d);
    return graph.layerNormalization(x, scale, weights.vector(`${name}.bias`, d), normEpsilon);
  };

  const embed = () => {
    const tokens = tiedHead
      ? weights.lookUpHead('embed.weight', ids, vocabSize, d)
      : weights.lookUp('embed.weight', ids, vocabSize, d);
    return graph.addition(tokens, weights.lookUp('positions.weight', positions, positionRows, d));
  };
  let x = startOf(graph, span, d, embed); // [1, S, D]

  for (let i = span.first; i < span.end; i++) {
    const name = `layers.${i}`;
    const before = norm(x, `${name}.attention_norm`);
    const qkv = weights.linear(before, `${name}.qkv`, d, 3 * d); // [1, S, 3D]
    const [query, key, value] = graph.split(qkv, [d, d, d], 2); // [1, S, D] each
    const mixed = attention.attend(i, query, key, value); // [1, S, D]
    x = graph.addition(x, weights.linear(mixed, `${name}.attention_out`, d, d));

    const middle = norm(x, `${name}.mlp_norm`);
    const wide = graph.fastGelu(weights.linear(middle, `${name}.mlp_in`, d, feedForwardSize));
    x = graph.addition(x, weights.linear(wide, `${name}.mlp_out`, feedForwardSize, d));
  }

  if (leaveSpan(graph, span, manifest, x)) return;

  // Only the wanted rows reach the head, a third of the work of a 32-row step otherwise.
  const wanted = wantedRows(graph, x, rows, d); // [R, D]
  const head = tiedHead ? 'embed.weight' : 'head.weight';
  const logits = weights.head(norm(wanted, 'final_norm'), head, vocabSize, d); // [R, V]
  outputRowStats(graph, logits, vocabSize, rows);
}
