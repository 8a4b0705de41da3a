/**
 * Reads the LLaMA type (DiffuLLaMA): dimensions from config.json, the plain Hugging Face names.
 * Linear weights are stored [out, in]. Grouped key/value heads and q/k/v biases are read where they
 * are, since relatives of the type have them. Knows no graph; llamaGraph.ts has the forward pass.
 */
import type { ArchitectureFacts } from './checkpoint';
import { Fields } from './jsonFile';
import { badCheckpoint, unsupportedModel } from './modelErrors';
import type { TensorStore } from './tensorStore';
import type { WeightSpec } from './weightSpec';

/**
 * The canvas that autoregressive LLaMA weights were adapted at. DiffuLLaMA's config still gives the
 * 4096 positions of LLaMA 2; it was trained as a diffusion model at 2048 (arXiv 2410.17891), which
 * none of its files says.
 */
const adaptedCanvasTokens = 2048;

const bodyPrefixes = ['model.', 'denoise_model.', ''];

export function readLlama(config: Fields, tensors: TensorStore): ArchitectureFacts {
  const ropeTheta = checkVariant(config, tensors.dir);
  const hidden = config.positive('hidden_size');
  const layers = config.positive('num_hidden_layers');
  const heads = config.positive('num_attention_heads');
  const keyValueHeads = config.optionalPositive('num_key_value_heads') ?? heads;
  const headSize = config.optionalPositive('head_dim') ?? hidden / heads;
  const feedForward = config.positive('intermediate_size');
  if (headSize % 2 !== 0 || heads % keyValueHeads !== 0) {
    const found = `heads of ${headSize}, ${heads} of them over ${keyValueHeads} key/value heads`;
    throw badCheckpoint(config.path, `it asks for ${found}, which do not divide evenly`);
  }
  const body = bodyPrefixes.find((prefix) => tensors.find(`${prefix}norm.weight`)) ?? 'model.';
  const embeddings = [`${body}embed_tokens.weight`, 'embed_tokens.weight'];
  const embedding = embeddings.map((name) => tensors.find(name)).find((entry) => entry);
  if (!embedding) throw badCheckpoint(tensors.dir, `tensor "${embeddings[0]}" is missing`);
  const vocabSize = embedding.shape[0] ?? 0;
  const tied = config.boolean('tie_word_embeddings') === true;

  const vector = (name: string, size: number, source: string): WeightSpec => ({
    name,
    kind: 'vector',
    shape: [size],
    sources: [body + source],
  });
  const linear = (name: string, from: number, to: number, source: string): WeightSpec[] => [
    {
      name: `${name}.weight`,
      kind: 'linear',
      shape: [from, to],
      sources: [`${body}${source}.weight`],
      transposed: true,
    },
    ...(tensors.find(`${body}${source}.bias`)
      ? [vector(`${name}.bias`, to, `${source}.bias`)]
      : []),
  ];
  const layer = (i: number): WeightSpec[] => {
    const [here, there] = [`layers.${i}`, `layers.${i}.self_attn`];
    return [
      vector(`${here}.attention_norm.weight`, hidden, `${here}.input_layernorm.weight`),
      ...linear(`${here}.query`, hidden, heads * headSize, `${there}.q_proj`),
      ...linear(`${here}.key`, hidden, keyValueHeads * headSize, `${there}.k_proj`),
      ...linear(`${here}.value`, hidden, keyValueHeads * headSize, `${there}.v_proj`),
      ...linear(`${here}.attention_out`, heads * headSize, hidden, `${there}.o_proj`),
      vector(`${here}.mlp_norm.weight`, hidden, `${here}.post_attention_layernorm.weight`),
      ...linear(`${here}.gate`, hidden, feedForward, `${here}.mlp.gate_proj`),
      ...linear(`${here}.up`, hidden, feedForward, `${here}.mlp.up_proj`),
      ...linear(`${here}.mlp_out`, feedForward, hidden, `${here}.mlp.down_proj`),
    ];
  };
  const table = { shape: [vocabSize, hidden] };
  return {
    dimensions: {
      vocabSize,
      hiddenSize: hidden,
      layers,
      heads,
      keyValueHeads,
      headSize,
      feedForwardSize: feedForward,
      maxTokens: Math.min(config.positive('max_position_embeddings'), adaptedCanvasTokens),
    },
    normEpsilon: config.number('rms_norm_eps') ?? 1e-6,
    ropeTheta,
    weights: [
      { ...table, name: 'embed.weight', kind: tied ? 'head' : 'table', sources: embeddings },
      ...(tied
        ? []
        : [{ ...table, name: 'head.weight', kind: 'head' as const, sources: ['lm_head.weight'] }]),
      ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
      vector('final_norm.weight', hidden, 'norm.weight'),
    ],
    isIgnored: (name) => /rotary_emb\.inv_freq$/.test(name) || name === 'lm_head.weight',
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
          : undefined;
  if (trouble) throw unsupportedModel(dir, trouble, 'Use a checkpoint of the stock LLaMA form');
  return (
    new Fields(config.path, rope).number('rope_theta') ?? config.number('rope_theta') ?? 10_000
  );
}
