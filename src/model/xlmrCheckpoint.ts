/**
 * Reads seed 2 (XLM-R as a diffusion model, arXiv 2308.12219) and its length predictor. Its archives
 * hold no config.json, so the dimensions come from the tensors; only the number of heads does not
 * show there. Base and large have norms behind the sublayers, XL and XXL before them. Knows no graph
 * (xlmrGraph.ts, lengthGraph.ts).
 */
import type { ArchitectureFacts } from './checkpoint';
import type { Fields } from './jsonFile';
import { badCheckpoint, unsupportedModel } from './modelErrors';
import { checkLayers } from './sizes';
import type { TensorSource } from './tensorStore';
import type { WeightSpec } from './weightSpec';
import { lengthWeights, specsUnder } from './xlmrLength';

const prefixes = ['model.', ''];
const words = 'roberta.embeddings.word_embeddings.weight';

/** The first position of a text; the rows before it belong to padding. */
const firstPosition = 2;

/** Heads of the published sizes by width, for archives without config.json. */
const headsOfWidth: Readonly<Record<number, number>> = { 768: 12, 1024: 16, 2560: 32, 4096: 32 };

/** Seed 2 wraps the body, and most of its checkpoints have a length predictor; plain XLM-R neither. */
export function isWrappedXlmr(tensors: TensorSource): boolean {
  const isWrapped = tensors.find(`model.${words}`) !== undefined;
  return isWrapped || tensors.find('length_predictor.0.weight') !== undefined;
}

export function readXlmr(config: Fields, tensors: TensorSource): ArchitectureFacts {
  checkVariant(config, tensors.dir);
  const prefix = prefixes.find((p) => tensors.find(p + words)) ?? prefixes[0]!;
  const body = `${prefix}roberta.`;
  const shapeOf = (name: string): readonly number[] => {
    const entry = tensors.find(name);
    if (!entry) throw badCheckpoint(tensors.dir, `tensor "${name}" is missing`);
    return entry.shape;
  };
  const [vocabSize = 0, d = 0] = shapeOf(prefix + words);
  const [positionRows = 0] = shapeOf(`${body}embeddings.position_embeddings.weight`);
  const [typeRows = 0] = shapeOf(`${body}embeddings.token_type_embeddings.weight`);
  const layers = countLayers(tensors, body);
  const [feedForward = 0] = shapeOf(`${body}encoder.layer.0.intermediate.dense.weight`);
  const heads = config.optionalPositive('num_attention_heads') ?? headsOfWidth[d];
  const stated = config.optionalPositive('num_hidden_layers') ?? layers;
  if (stated !== layers) {
    const found = `it asks for ${stated} layers, the weights have ${layers}`;
    throw badCheckpoint(
      config.path,
      found,
      'Check that config.json and the weights belong together',
    );
  }
  if (heads === undefined || d % heads !== 0) {
    const found = `nothing says how many heads its width of ${d} has`;
    throw badCheckpoint(config.path, found, 'Put the config.json of that XLM-R beside the weights');
  }
  const preNorm = tensors.find(`${body}encoder.LayerNorm.weight`) !== undefined;
  const decoder = tensors.find(`${prefix}lm_head.decoder.weight`);
  const tied = isTied(config, decoder, tensors.find(prefix + words)!);

  const at = specsUnder;
  const names = preNorm
    ? { attention: 'attention.self_attn_layer_norm', mlp: 'LayerNorm' }
    : { attention: 'attention.output.LayerNorm', mlp: 'output.LayerNorm' };
  const layer = (i: number): WeightSpec[] => {
    const [here, there] = [`layers.${i}`, `${body}encoder.layer.${i}.`];
    return [
      ...at.linear(`${here}.query`, d, d, `${there}attention.self.query`),
      ...at.linear(`${here}.key`, d, d, `${there}attention.self.key`),
      ...at.linear(`${here}.value`, d, d, `${there}attention.self.value`),
      ...at.linear(`${here}.attention_out`, d, d, `${there}attention.output.dense`),
      ...at.norm(`${here}.attention_norm`, d, there + names.attention),
      ...at.linear(`${here}.mlp_in`, d, feedForward, `${there}intermediate.dense`),
      ...at.linear(`${here}.mlp_out`, feedForward, d, `${there}output.dense`),
      ...at.norm(`${here}.mlp_norm`, d, there + names.mlp),
    ];
  };
  const maxTokens = positionRows - firstPosition;
  if (maxTokens < 1) throw badCheckpoint(tensors.dir, `it has ${positionRows} positions`);
  const table = { shape: [vocabSize, d] };
  const length = lengthWeights(tensors, d);
  return {
    dimensions: {
      ...{ vocabSize, hiddenSize: d, layers, heads, keyValueHeads: heads, headSize: d / heads },
      ...{ feedForwardSize: feedForward, maxTokens },
    },
    normEpsilon: config.number('layer_norm_eps') ?? 1e-5,
    preNorm,
    ...(length.classes === undefined ? {} : { lengthClasses: length.classes }),
    weights: [
      { ...table, name: 'embed.weight', kind: tied ? 'head' : 'table', sources: [prefix + words] },
      ...(tied
        ? []
        : [{ ...table, name: 'head.weight', kind: 'head' as const, sources: [decoder!.name] }]),
      {
        name: 'positions.weight',
        kind: 'table',
        shape: [maxTokens, d],
        sources: [`${body}embeddings.position_embeddings.weight`],
        storedShape: [positionRows, d],
        firstRow: firstPosition,
      },
      {
        name: 'token_type.weight', // every token is of the first type
        kind: 'vector',
        shape: [d],
        sources: [`${body}embeddings.token_type_embeddings.weight`],
        storedShape: [typeRows, d],
      },
      ...(preNorm ? [] : at.norm('embed_norm', d, `${body}embeddings.LayerNorm`)),
      ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
      ...(preNorm ? at.norm('final_norm', d, `${body}encoder.LayerNorm`) : []),
      ...at.linear('head_dense', d, d, `${prefix}lm_head.dense`),
      ...at.norm('head_norm', d, `${prefix}lm_head.layer_norm`),
      {
        name: 'head.bias',
        kind: 'vector',
        shape: [vocabSize],
        sources: [`${prefix}lm_head.bias`, `${prefix}lm_head.decoder.bias`],
      },
      ...length.weights,
    ],
    isIgnored: (name) =>
      /(\.position_ids|\.token_type_ids|^fake_layer|\.pooler\.dense\.(weight|bias))$/.test(name) ||
      name === `${prefix}lm_head.decoder.weight`,
  };
}

/** ZeRO leaves an empty tensor where the head is the embedding; PyTorch stores its values once. */
function isTied(
  config: Fields,
  decoder: { readonly shape: readonly number[]; readonly offset: number } | undefined,
  embedding: { readonly offset: number },
): boolean {
  if (!decoder || decoder.shape.includes(0) || decoder.offset === embedding.offset) return true;
  return config.boolean('tie_word_embeddings') ?? true;
}

function countLayers(tensors: TensorSource, body: string): number {
  let layers = 0;
  while (tensors.find(`${body}encoder.layer.${layers}.output.dense.weight`)) layers++;
  if (layers === 0) {
    throw badCheckpoint(
      tensors.dir,
      `tensor "${body}encoder.layer.0.output.dense.weight" is missing`,
    );
  }
  checkLayers(tensors.dir, layers);
  return layers;
}

function checkVariant(config: Fields, dir: string): void {
  const activation = config.string('hidden_act') ?? 'gelu';
  const positions = config.string('position_embedding_type') ?? 'absolute';
  const trouble =
    activation !== 'gelu'
      ? `its activation "${activation}" is not gelu`
      : positions !== 'absolute'
        ? `its positions are "${positions}", not absolute`
        : undefined;
  if (trouble) throw unsupportedModel(dir, trouble, 'Use a checkpoint of the stock XLM-R form');
}
