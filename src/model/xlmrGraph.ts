/**
 * The forward pass of XLM-R as seed 2 runs it: learned positions, exact gelu, biases everywhere; norms
 * behind the sublayers (base, large) or before them (XL, XXL); a head with a layer of its own. Never
 * causal, never shifted: row i predicts token i.
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

export function buildXlmr(
  graph: GraphBuilder,
  weights: WeightNodes,
  manifest: Manifest,
  attentionKind: AttentionKind,
  span: LayerSpan = wholeSpan(manifest),
): void {
  const { dimensions, normEpsilon, tiedHead, preNorm = false } = manifest;
  const { hiddenSize: d, feedForwardSize, vocabSize, maxTokens } = dimensions;
  const ids = graph.input('ids', onnxType.int64, [graph.batch, 'S']);
  const positions = graph.input('positions', onnxType.int64, [graph.batch, 'S']);
  const rows = rowsInput(graph);
  const attention = new Attention(graph, dimensions, attentionKind);
  const norm = (x: string, name: string) =>
    graph.layerNormalization(
      x,
      weights.vector(`${name}.weight`, d),
      weights.vector(`${name}.bias`, d),
      normEpsilon,
    );

  const embed = () => {
    const tokens = tiedHead
      ? weights.lookUpHead('embed.weight', ids, vocabSize, d)
      : weights.lookUp('embed.weight', ids, vocabSize, d);
    const places = weights.lookUp('positions.weight', positions, maxTokens, d);
    const typed = graph.addition(tokens, weights.vector('token_type.weight', d));
    const placed = graph.addition(typed, places);
    return preNorm ? placed : norm(placed, 'embed_norm');
  };
  let x = startOf(graph, span, d, embed); // [1, S, D]

  for (let i = span.first; i < span.end; i++) {
    const name = `layers.${i}`;
    const before = preNorm ? norm(x, `${name}.attention_norm`) : x;
    const project = (part: string) => weights.linear(before, `${name}.${part}`, d, d);
    const mixed = attention.attend(i, project('query'), project('key'), project('value'));
    x = graph.addition(x, weights.linear(mixed, `${name}.attention_out`, d, d));
    if (!preNorm) x = norm(x, `${name}.attention_norm`);

    const middle = preNorm ? norm(x, `${name}.mlp_norm`) : x;
    const wide = graph.gelu(weights.linear(middle, `${name}.mlp_in`, d, feedForwardSize));
    x = graph.addition(x, weights.linear(wide, `${name}.mlp_out`, feedForwardSize, d));
    if (!preNorm) x = norm(x, `${name}.mlp_norm`);
  }
  if (leaveSpan(graph, span, manifest, x)) return;

  if (preNorm) x = norm(x, 'final_norm');
  // What the length predictor reads (lengthGraph.ts).
  if (manifest.lengthClasses !== undefined) graph.output('hidden', x, onnxType.float, [1, 'S', d]);

  const wanted = wantedRows(graph, x, rows, d); // [R, D]
  const dense = graph.gelu(weights.linear(wanted, 'head_dense', d, d));
  const head = tiedHead ? 'embed.weight' : 'head.weight';
  const scores = weights.head(norm(dense, 'head_norm'), head, vocabSize, d); // [R, V]
  const logits = graph.addition(scores, weights.vector('head.bias', vocabSize));
  outputRowStats(graph, logits, vocabSize, rows);
}
