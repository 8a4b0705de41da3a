/**
 * Reads the GPT-2 type: dimensions from config.json, weight names of DiffuGPT (`denoise_model.*`, the
 * embedding taken out of the body), of stock GPT-2 (`transformer.*` or bare), and of our own training.
 * Linear weights are stored [in, out]. Knows no graph; gpt2Graph.ts has the forward pass.
 */
import type { ArchitectureFacts } from './checkpoint';
import { Fields } from './jsonFile';
import { badCheckpoint, unsupportedModel } from './modelErrors';
import { checkLayers } from './sizes';
import type { TensorSource } from './tensorStore';
import type { WeightKind, WeightSpec } from './weightSpec';

const bodyPrefixes = ['denoise_model.', 'transformer.', ''];
const embeddings = ['embed_tokens.weight', ...bodyPrefixes.map((body) => `${body}wte.weight`)];
const heads = ['lm_head.weight'];

export function readGpt2(config: Fields, tensors: TensorSource): ArchitectureFacts {
  checkVariant(config, tensors.dir);
  const hidden = config.positive('n_embd', 'hidden_size');
  const layers = config.positive('n_layer', 'num_hidden_layers');
  const headCount = config.positive('n_head', 'num_attention_heads');
  checkLayers(config.path, layers);
  const feedForward = config.optionalPositive('n_inner') ?? 4 * hidden;
  if (hidden % headCount !== 0) {
    throw badCheckpoint(config.path, `n_embd ${hidden} is no multiple of n_head ${headCount}`);
  }
  const body = bodyPrefixes.find((prefix) => tensors.find(`${prefix}wpe.weight`));
  if (body === undefined) {
    throw badCheckpoint(tensors.dir, 'tensor "denoise_model.wpe.weight" is missing');
  }
  // Row counts come from the tensors: DiffuGPT-M's config still gives the size before its mask token.
  const vocabSize = rowsOf(tensors, embeddings);
  const positionRows = rowsOf(tensors, [`${body}wpe.weight`]);
  const untied = tensors.find('lm_head.weight') && config.boolean('tie_word_embeddings') !== true;

  const weight = (name: string, kind: WeightKind, shape: number[], source: string): WeightSpec => ({
    name,
    kind,
    shape,
    sources: [body + source],
  });
  const withBias = (name: string, kind: WeightKind, shape: number[], source: string) => [
    weight(`${name}.weight`, kind, shape, `${source}.weight`),
    weight(`${name}.bias`, 'vector', shape.slice(-1), `${source}.bias`),
  ];
  const layer = (i: number): WeightSpec[] => [
    ...withBias(`layers.${i}.attention_norm`, 'vector', [hidden], `h.${i}.ln_1`),
    ...withBias(`layers.${i}.qkv`, 'linear', [hidden, 3 * hidden], `h.${i}.attn.c_attn`),
    ...withBias(`layers.${i}.attention_out`, 'linear', [hidden, hidden], `h.${i}.attn.c_proj`),
    ...withBias(`layers.${i}.mlp_norm`, 'vector', [hidden], `h.${i}.ln_2`),
    ...withBias(`layers.${i}.mlp_in`, 'linear', [hidden, feedForward], `h.${i}.mlp.c_fc`),
    ...withBias(`layers.${i}.mlp_out`, 'linear', [feedForward, hidden], `h.${i}.mlp.c_proj`),
  ];
  const table = { shape: [vocabSize, hidden], sources: embeddings };
  return {
    dimensions: {
      vocabSize,
      hiddenSize: hidden,
      layers,
      heads: headCount,
      keyValueHeads: headCount,
      headSize: hidden / headCount,
      feedForwardSize: feedForward,
      maxTokens: Math.min(trainedCanvas(config) ?? positionRows, positionRows),
    },
    normEpsilon: config.number('layer_norm_epsilon') ?? 1e-5,
    weights: [
      { name: 'embed.weight', kind: untied ? 'table' : 'head', ...table },
      ...(untied ? [{ ...table, name: 'head.weight', kind: 'head' as const, sources: heads }] : []),
      weight('positions.weight', 'table', [positionRows, hidden], 'wpe.weight'),
      ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
      ...withBias('final_norm', 'vector', [hidden], 'ln_f'),
    ],
    // Causal masks of the autoregressive past, and the head where it is the embedding once more.
    isIgnored: (name) => /\.attn\.(masked_)?bias$/.test(name) || heads.includes(name),
  };
}

/**
 * The canvas that the weights were adapted at. DiffuGPT-S has 1024 position rows but saw 512 tokens;
 * its files say so only here, as the length its authors generate at. Stock GPT-2 has a 50 there: the
 * length of a demo, which says nothing.
 */
function trainedCanvas(config: Fields): number | undefined {
  const tasks = new Fields(config.path, config.object('task_specific_params') ?? {});
  const generation = new Fields(config.path, tasks.object('text-generation') ?? {});
  const length = generation.optionalPositive('max_length');
  const isDemo = length === 50;
  return isDemo || !length ? config.optionalPositive('n_positions', 'n_ctx') : length;
}

function rowsOf(tensors: TensorSource, names: readonly string[]): number {
  const entry = names.map((name) => tensors.find(name)).find((found) => found !== undefined);
  if (!entry) throw badCheckpoint(tensors.dir, `tensor "${names[0]}" is missing`);
  return entry.shape[0] ?? 0;
}

/** Variants of GPT-2 that have the same tensors and other mathematics. */
function checkVariant(config: Fields, dir: string): void {
  const activation = config.string('activation_function') ?? 'gelu_new';
  const trouble =
    activation !== 'gelu_new' && activation !== 'gelu_pytorch_tanh'
      ? `its activation "${activation}" is not gelu_new`
      : config.boolean('scale_attn_by_inverse_layer_idx') === true
        ? 'it scales attention by the layer'
        : config.boolean('scale_attn_weights') === false
          ? 'it does not scale attention'
          : undefined;
  if (trouble) throw unsupportedModel(dir, trouble, 'Use a checkpoint of the stock GPT-2 form');
}
