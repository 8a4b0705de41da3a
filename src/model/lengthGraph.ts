/**
 * Seed 2's length predictor as a graph of its own: the body's last hidden states of a prompt go through
 * one encoder layer (norms behind, ReLU), their mean through a small classifier. Class c stands for
 * c+1 tokens. Small next to the body, which it does not hold.
 *
 * S prompt tokens, D hidden, N classes.
 */
import { GraphBuilder } from './graphBuilder';
import type { Value } from './graphBuilder';
import type { Manifest } from './manifest';
import { onnxType } from './onnxProto';
import type { TensorEntry } from './safetensors';
import { WeightNodes } from './weightNodes';

/** PyTorch's default for its encoder layers, whatever the body has. */
const normEpsilon = 1e-5;

export function buildLengthGraph(
  manifest: Manifest,
  weightFile: string,
  entries: ReadonlyMap<string, TensorEntry>,
): Uint8Array {
  const graph = new GraphBuilder(weightFile, entries);
  const weights = new WeightNodes(graph, { format: manifest.weights, target: 'cpu' });
  const { hiddenSize: d, heads, headSize } = manifest.dimensions;
  const classes = manifest.lengthClasses!;
  const sizeOf = (name: string) => entries.get(`${name}.bias`)?.shape[0] ?? 0;
  const [wide, hiddenSize] = [sizeOf('length.mlp_in'), sizeOf('length.hidden')];
  const norm = (x: Value, name: string) =>
    graph.layerNormalization(
      x,
      weights.vector(`${name}.weight`, d),
      weights.vector(`${name}.bias`, d),
      normEpsilon,
    );
  const toHeads = (x: Value) =>
    graph.transpose(graph.reshape(x, 1, -1, heads, headSize), 0, 2, 1, 3); // [1, H, S, hd]

  const input = graph.input('hidden', onnxType.float, [1, 'S', d]);
  const qkv = weights.linear(input, 'length.qkv', d, 3 * d);
  const [query, key, value] = graph.split(qkv, [d, d, d], 2).map(toHeads);
  const scale = graph.floats(Float32Array.of(headSize ** -0.5), [], 'attention_scale');
  const scores = graph.matMul(graph.mul(query!, scale), graph.transpose(key!, 0, 1, 3, 2));
  const mixed = graph.matMul(graph.softmax(scores, -1), value!); // [1, H, S, hd]
  const joined = graph.reshape(graph.transpose(mixed, 0, 2, 1, 3), 1, -1, d);
  const attended = weights.linear(joined, 'length.attention_out', d, d);
  const middle = norm(graph.addition(input, attended), 'length.attention_norm');
  const inner = graph.relu(weights.linear(middle, 'length.mlp_in', d, wide));
  const out = weights.linear(inner, 'length.mlp_out', wide, d);
  const feature = norm(graph.addition(middle, out), 'length.mlp_norm'); // [1, S, D]

  const mean = graph.reduceMean(feature, 1); // [1, 1, D]
  const hidden = graph.tanh(weights.linear(mean, 'length.hidden', d, hiddenSize));
  const logits = graph.reshape(weights.linear(hidden, 'length.classes', hiddenSize, classes), -1);
  graph.output('length_logits', logits, onnxType.float, [classes]);
  return graph.encode();
}
