/**
 * The weights of seed 2's length predictor, by PyTorch's names for its own encoder layer, and the pairs of
 * weight and bias that all of seed 2 is made of. Sees tensors by name and shape only.
 */
import type { TensorSource } from './tensorStore';
import type { WeightKind, WeightSpec } from './weightSpec';

/** One encoder layer of PyTorch's own, a hidden layer and the classes. */
export function lengthWeights(
  tensors: TensorSource,
  d: number,
): { weights: WeightSpec[]; classes?: number } {
  const last = tensors.find('length_predictor.2.weight');
  const hidden = tensors.find('length_predictor.0.weight')?.shape[0];
  const wide = tensors.find('length_trm.layers.0.linear1.weight')?.shape[0];
  if (!last || hidden === undefined || wide === undefined) return { weights: [] };
  const classes = last.shape[0] ?? 0;
  const at = specsUnder;
  const there = 'length_trm.layers.0';
  return {
    classes,
    weights: [
      {
        ...{ name: 'length.qkv.weight', kind: 'linear', shape: [d, 3 * d], transposed: true },
        sources: [`${there}.self_attn.in_proj_weight`],
      },
      {
        ...{ name: 'length.qkv.bias', kind: 'vector', shape: [3 * d] },
        sources: [`${there}.self_attn.in_proj_bias`],
      },
      ...at.linear('length.attention_out', d, d, `${there}.self_attn.out_proj`),
      ...at.norm('length.attention_norm', d, `${there}.norm1`),
      ...at.linear('length.mlp_in', d, wide, `${there}.linear1`),
      ...at.linear('length.mlp_out', wide, d, `${there}.linear2`),
      ...at.norm('length.mlp_norm', d, `${there}.norm2`),
      ...at.linear('length.hidden', d, hidden, 'length_predictor.0'),
      ...at.linear('length.classes', hidden, classes, 'length_predictor.2'),
    ],
  };
}

/** Weight and bias of one module. */
export const specsUnder = {
  linear: (name: string, from: number, to: number, source: string): WeightSpec[] => [
    spec(`${name}.weight`, 'linear', [from, to], `${source}.weight`, true),
    spec(`${name}.bias`, 'vector', [to], `${source}.bias`),
  ],
  norm: (name: string, size: number, source: string): WeightSpec[] => [
    spec(`${name}.weight`, 'vector', [size], `${source}.weight`),
    spec(`${name}.bias`, 'vector', [size], `${source}.bias`),
  ],
};

function spec(
  name: string,
  kind: WeightKind,
  shape: readonly number[],
  source: string,
  transposed = false,
): WeightSpec {
  return { name, kind, shape, sources: [source], ...(transposed ? { transposed } : {}) };
}
