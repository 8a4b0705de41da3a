/**
 * Reads the LLaMA type under the plain Hugging Face names: DiffuLLaMA, the Qwens (Dream, DreamOn,
 * DiffuCoder, Open-dCoder, A2D) and our own. Biases on q, k and v, grouped key/value heads and norms
 * on query and key heads are read where the tensors have them. Knows no graph (llamaGraph.ts) and
 * not which family it reads.
 */
import type { ArchitectureFacts } from './checkpoint';
import type { Family } from './families';
import { Fields } from './jsonFile';
import { llamaFacts } from './llamaWeights';
import type { LlamaNames } from './llamaWeights';
import { badCheckpoint, unsupportedModel } from './modelErrors';
import type { TensorSource } from './tensorStore';

const bodyPrefixes = ['model.', 'denoise_model.', ''];

export function readLlama(
  config: Fields,
  tensors: TensorSource,
  family: Family,
): ArchitectureFacts {
  const ropeTheta = checkVariant(config, tensors.dir);
  const hiddenSize = config.positive('hidden_size');
  const heads = config.positive('num_attention_heads');
  const body = bodyPrefixes.find((prefix) => tensors.find(`${prefix}norm.weight`)) ?? 'model.';
  const hasHead = tensors.find('lm_head.weight') !== undefined;
  const stated = config.boolean('tie_word_embeddings');
  const trained = config.positive('max_position_embeddings');
  const shape = {
    hiddenSize,
    layers: config.positive('num_hidden_layers'),
    heads,
    keyValueHeads: config.optionalPositive('num_key_value_heads') ?? heads,
    headSize: config.optionalPositive('head_dim') ?? hiddenSize / heads,
    feedForwardSize: config.positive('intermediate_size'),
    maxTokens: Math.min(trained, family.trainedTokens ?? trained),
    normEpsilon: config.number('rms_norm_eps') ?? 1e-6,
    ropeTheta,
    // A stored copy of a head that the config ties is passed over, as the published classes do.
    tiedHead: stated ?? !hasHead,
  };
  const facts = llamaFacts(config, tensors, shape, namesUnder(body));
  return { ...facts, isIgnored: (name) => isTable(name) || name === 'lm_head.weight' };
}

const isTable = (name: string) => /rotary_emb\.inv_freq$/.test(name);

function namesUnder(body: string): LlamaNames {
  return {
    embeddings: [`${body}embed_tokens.weight`, 'embed_tokens.weight'],
    head: 'lm_head.weight',
    finalNorm: `${body}norm`,
    layer: (i) => `${body}layers.${i}.`,
    attentionNorm: 'input_layernorm',
    query: 'self_attn.q_proj',
    key: 'self_attn.k_proj',
    value: 'self_attn.v_proj',
    queryNorm: 'self_attn.q_norm',
    keyNorm: 'self_attn.k_norm',
    attentionOut: 'self_attn.o_proj',
    mlpNorm: 'post_attention_layernorm',
    gate: 'mlp.gate_proj',
    up: 'mlp.up_proj',
    mlpOut: 'mlp.down_proj',
  };
}

/** The RoPE base, after refusing variants that have the same tensors and other mathematics. */
function checkVariant(config: Fields, dir: string): number {
  // transformers 5 writes rope_parameters, earlier ones rope_theta and rope_scaling.
  const rope = config.object('rope_parameters') ?? config.object('rope_scaling') ?? {};
  const scaling = rope.rope_type ?? rope.type ?? 'default';
  const activation = config.string('hidden_act') ?? 'silu';
  const partial = config.number('partial_rotary_factor') ?? 1;
  const trouble =
    scaling !== 'default'
      ? `it stretches its positions (RoPE scaling ${JSON.stringify(scaling)})`
      : activation !== 'silu'
        ? `its activation "${activation}" is not silu`
        : partial !== 1
          ? `it rotates only ${partial} of each head`
          : config.boolean('use_sliding_window') === true
            ? 'its attention sees a sliding window only'
            : undefined;
  if (trouble) throw unsupportedModel(dir, trouble, 'Use a checkpoint of the stock LLaMA form');
  const theta =
    new Fields(config.path, rope).number('rope_theta') ?? config.number('rope_theta') ?? 10_000;
  if (theta <= 0) throw badCheckpoint(config.path, `its rope_theta is ${theta}`);
  return theta;
}
