/**
 * What the LLaMA type's readers have in common: from dimensions and a table of names to the list of
 * weights. Linear weights are stored [out, in] everywhere. Sees tensors by name and shape only;
 * config.json is the readers' affair.
 */
import type { ArchitectureFacts } from './checkpoint';
import type { Fields } from './jsonFile';
import type { Manifest, ModelDimensions } from './manifest';
import { badCheckpoint } from './modelErrors';
import { checkLayers } from './sizes';
import type { TensorSource } from './tensorStore';
import type { WeightSpec } from './weightSpec';

/** What config.json says; the vocabulary is counted in the tensors. */
export interface LlamaShape
  extends Omit<ModelDimensions, 'vocabSize'>, Pick<Manifest, 'normEpsilon' | 'tiedHead'> {
  readonly ropeTheta: number;
}

/** Of a layer's parts without `.weight`, below `layer(i)`. */
export interface LlamaNames {
  readonly embeddings: readonly string[];
  readonly head: string;
  readonly finalNorm: string;
  layer(i: number): string;
  readonly attentionNorm: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly queryNorm?: string;
  readonly keyNorm?: string;
  readonly attentionOut: string;
  readonly mlpNorm: string;
  readonly gate: string;
  readonly up: string;
  readonly mlpOut: string;
}

export function llamaFacts(
  config: Fields,
  tensors: TensorSource,
  shape: LlamaShape,
  names: LlamaNames,
): Omit<ArchitectureFacts, 'isIgnored'> {
  const { normEpsilon, ropeTheta, tiedHead, ...sizes } = shape;
  const { hiddenSize, layers, heads, keyValueHeads, headSize, feedForwardSize } = sizes;
  checkLayers(config.path, layers);
  if (!Number.isInteger(headSize) || headSize % 2 !== 0 || heads % keyValueHeads !== 0) {
    const found = `heads of ${headSize}, ${heads} of them over ${keyValueHeads} key/value heads`;
    throw badCheckpoint(config.path, `it asks for ${found}, which do not divide evenly`);
  }
  const { embeddings } = names;
  const embedding = embeddings.map((name) => tensors.find(name)).find((entry) => entry);
  if (!embedding) throw badCheckpoint(tensors.dir, `tensor "${embeddings[0]}" is missing`);
  const vocabSize = embedding.shape[0] ?? 0; // never from config.json, which may be older
  const first = names.layer(0);
  const queryKeyNorm =
    names.queryNorm !== undefined && tensors.find(`${first}${names.queryNorm}.weight`);

  const vector = (name: string, size: number, source: string): WeightSpec => ({
    name,
    kind: 'vector',
    shape: [size],
    sources: [source],
  });
  const linear = (name: string, from: number, to: number, source: string): WeightSpec[] => [
    {
      name: `${name}.weight`,
      kind: 'linear',
      shape: [from, to],
      sources: [`${source}.weight`],
      transposed: true,
    },
    ...(tensors.find(`${source}.bias`) ? [vector(`${name}.bias`, to, `${source}.bias`)] : []),
  ];
  const layer = (i: number): WeightSpec[] => {
    const here = `layers.${i}`;
    const there = names.layer(i);
    const norm = (name: string, size: number, source: string) =>
      vector(`${here}.${name}.weight`, size, `${there}${source}.weight`);
    const [querySize, keySize] = [heads * headSize, keyValueHeads * headSize];
    return [
      norm('attention_norm', hiddenSize, names.attentionNorm),
      ...linear(`${here}.query`, hiddenSize, querySize, there + names.query),
      ...linear(`${here}.key`, hiddenSize, keySize, there + names.key),
      ...linear(`${here}.value`, hiddenSize, keySize, there + names.value),
      ...(queryKeyNorm ? [norm('query_norm', headSize, names.queryNorm!)] : []),
      ...(queryKeyNorm ? [norm('key_norm', headSize, names.keyNorm!)] : []),
      ...linear(`${here}.attention_out`, querySize, hiddenSize, there + names.attentionOut),
      norm('mlp_norm', hiddenSize, names.mlpNorm),
      ...linear(`${here}.gate`, hiddenSize, feedForwardSize, there + names.gate),
      ...linear(`${here}.up`, hiddenSize, feedForwardSize, there + names.up),
      ...linear(`${here}.mlp_out`, feedForwardSize, hiddenSize, there + names.mlpOut),
    ];
  };
  const table = { shape: [vocabSize, hiddenSize] };
  return {
    dimensions: { vocabSize, ...sizes },
    normEpsilon,
    ropeTheta,
    ...(queryKeyNorm ? { queryKeyNorm: true } : {}),
    weights: [
      { ...table, name: 'embed.weight', kind: tiedHead ? 'head' : 'table', sources: embeddings },
      ...(tiedHead
        ? []
        : [{ ...table, name: 'head.weight', kind: 'head' as const, sources: [names.head] }]),
      ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
      vector('final_norm.weight', hiddenSize, `${names.finalNorm}.weight`),
    ],
  };
}
