/**
 * From a manifest and the weight file's header to the bytes of an ONNX model. One graph does full
 * forwards and windowed steps. Inputs: ids [1,S], positions [1,S], rows [R], logit_rows [W], keep [C], ban [V] and per
 * layer past_key_i, past_value_i [1,Hkv,P,hd] and near_key_i, near_value_i [1,Hkv,M,hd], of which near_rows [N] count; outputs: top_ids, top_logits [R,K], log_sum_exp [R],
 * logits [W,V], hidden [1,S,D] where a length predictor reads it, and per layer kept_key_i, kept_value_i
 * [1,Hkv,C,hd]. Runs nothing.
 */
import type { AttentionKind } from './attention';
import { buildGpt2 } from './gpt2Graph';
import { GraphBuilder } from './graphBuilder';
import type { LayerSpan } from './layerSpan';
import { buildLlama } from './llamaGraph';
import type { Architecture, Manifest } from './manifest';
import type { TensorEntry } from './safetensors';
import { WeightNodes } from './weightNodes';
import { buildXlmr } from './xlmrGraph';

export interface GraphOptions {
  readonly attention: AttentionKind;
  /** See WeightReading. */
  readonly target: 'cpu' | 'gpu';
  /** A part of the layers (layerSpan.ts); absent: all. */
  readonly span?: LayerSpan;
  /**
   * For a model server: several canvases at once, [B,S], [B,R], banned ids [B,N] instead of penalties, and
   * no cache, which would have to cross the network.
   */
  readonly isBatched?: boolean;
}

const builders: Readonly<Record<Architecture, typeof buildGpt2>> = {
  gpt2: buildGpt2,
  llama: buildLlama,
  xlmr: buildXlmr,
};

export function buildGraph(
  manifest: Manifest,
  weightFile: string,
  weights: ReadonlyMap<string, TensorEntry>,
  options: GraphOptions,
): Uint8Array {
  const graph = new GraphBuilder(weightFile, weights, options.isBatched);
  const reading = { format: manifest.weights, target: options.target };
  builders[manifest.architecture](
    graph,
    new WeightNodes(graph, reading),
    manifest,
    options.attention,
    options.span,
  );
  return graph.encode();
}
