/**
 * Reads LLaDA (8B, Instruct, 1.5): OLMo's field and tensor names for what is a LLaMA inside. The many
 * switches of that code base are checked, since they change the mathematics and not the tensors.
 * Knows no graph; llamaGraph.ts has the forward pass.
 */
import type { ArchitectureFacts } from './checkpoint';
import type { Family } from './families';
import type { Fields } from './jsonFile';
import { llamaFacts } from './llamaWeights';
import { unsupportedModel } from './modelErrors';
import type { TensorSource } from './tensorStore';

const bodyPrefixes = ['model.transformer.', 'transformer.'];

export function readLlada(
  config: Fields,
  tensors: TensorSource,
  family: Family,
): ArchitectureFacts {
  checkVariant(config, tensors.dir);
  const hiddenSize = config.positive('d_model', 'hidden_size');
  const heads = config.positive('n_heads', 'num_attention_heads');
  const trained = config.positive('max_sequence_length', 'max_position_embeddings');
  const feedForwardSize =
    config.optionalPositive('mlp_hidden_size', 'intermediate_size') ??
    (config.number('mlp_ratio') ?? 4) * hiddenSize;
  const body =
    bodyPrefixes.find((prefix) => tensors.find(`${prefix}wte.weight`)) ?? bodyPrefixes[0];
  const head = `${body}ff_out.weight`;
  const shape = {
    hiddenSize,
    layers: config.positive('n_layers', 'num_hidden_layers'),
    heads,
    keyValueHeads:
      config.optionalPositive('n_kv_heads', 'num_key_value_heads') ??
      (config.boolean('multi_query_attention') === true ? 1 : heads),
    headSize: hiddenSize / heads,
    feedForwardSize,
    maxTokens: Math.min(trained, family.trainedTokens ?? trained),
    normEpsilon: config.number('rms_norm_eps') ?? config.number('layer_norm_eps') ?? 1e-5,
    ropeTheta: config.number('rope_theta') ?? 10_000,
    tiedHead: config.boolean('weight_tying') ?? tensors.find(head) === undefined,
  };
  const facts = llamaFacts(config, tensors, shape, {
    embeddings: [`${body}wte.weight`],
    head,
    finalNorm: `${body}ln_f`,
    layer: (i) => `${body}blocks.${i}.`,
    attentionNorm: 'attn_norm',
    query: 'q_proj',
    key: 'k_proj',
    value: 'v_proj',
    attentionOut: 'attn_out',
    mlpNorm: 'ff_norm',
    gate: 'ff_proj',
    up: 'up_proj',
    mlpOut: 'ff_out',
  });
  return {
    ...facts,
    isIgnored: (name) => /rotary_emb\.inv_freq$/.test(name) || (shape.tiedHead && name === head),
  };
}

/** Each switch with the values that keep LLaDA's own mathematics; absent ones are at them. */
const expected: Readonly<Record<string, readonly unknown[]>> = {
  block_type: ['llama'],
  activation_type: ['silu'],
  layer_norm_type: ['rms'],
  rope: [true],
  alibi: [false],
  attention_layer_norm: [false],
  scale_logits: [false],
  input_emb_norm: [false],
  clip_qkv: [],
  block_group_size: [1],
};

function checkVariant(config: Fields, dir: string): void {
  for (const [key, values] of Object.entries(expected)) {
    const value = config.json[key];
    if (value === undefined || value === null || values.includes(value)) continue;
    const found = `its "${key}" is ${JSON.stringify(value)}, which LLaDA does not have`;
    throw unsupportedModel(dir, found, 'Use a published LLaDA-8B or LLaDA-1.5 checkpoint');
  }
}
