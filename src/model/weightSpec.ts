/**
 * What one weight of a model is called in a model folder, which shape it has there, and under which
 * names a checkpoint may hold it. Resolving finds the name that is there and checks the shape; it
 * also refuses a checkpoint with weights that nobody asked for, since leaving one out would make a
 * different model. Knows no number formats (weights.ts) and no architecture.
 */
import { badCheckpoint, unsupportedModel } from './modelErrors';
import type { TensorSource } from './tensorStore';

/**
 * vector: norms and biases. linear: [in, out], multiplied with. table: [rows, width], rows looked up.
 * head: [vocabulary, width], multiplied with by its rows; where it is tied, also looked up.
 */
export type WeightKind = 'vector' | 'linear' | 'table' | 'head';

export interface WeightSpec {
  readonly name: string;
  readonly kind: WeightKind;
  readonly shape: readonly number[];
  /** Names in checkpoints; the first that is there is taken. */
  readonly sources: readonly string[];
  /** The checkpoint stores a linear as [out, in], as PyTorch's Linear does. */
  readonly transposed?: boolean;
  /** Shape in the checkpoint where `shape` is a part of it: `firstRow` says where that begins. */
  readonly storedShape?: readonly number[];
  readonly firstRow?: number;
}

/** A spec and the one tensor that fills it. */
export interface ResolvedWeight extends WeightSpec {
  readonly source: string;
}

/**
 * @param isIgnored tensors that PyTorch stores but that are no weights (causal masks, RoPE tables).
 * @throws LacunaError naming the tensor that is missing, of a wrong shape, or unknown.
 */
export function resolveWeights(
  tensors: TensorSource,
  specs: readonly WeightSpec[],
  isIgnored: (name: string) => boolean,
): ResolvedWeight[] {
  const resolved = specs.map((spec) => resolve(tensors, spec));
  const known = new Set(specs.flatMap((spec) => spec.sources));
  const unknown = tensors.names.find((name) => !known.has(name) && !isIgnored(name));
  if (unknown !== undefined) {
    const found = `it has a tensor "${unknown}" that its architecture does not know`;
    const advice = 'Use a checkpoint without adapters or changes to the architecture';
    throw unsupportedModel(tensors.dir, found, advice);
  }
  return resolved;
}

function resolve(tensors: TensorSource, spec: WeightSpec): ResolvedWeight {
  const source = spec.sources.find((name) => tensors.find(name) !== undefined);
  const entry = source === undefined ? undefined : tensors.find(source);
  if (source === undefined || entry === undefined) {
    throw badCheckpoint(tensors.dir, `tensor "${spec.sources[0]}" is missing`);
  }
  const whole = spec.storedShape ?? spec.shape;
  const expected = spec.transposed ? whole.toReversed() : whole;
  if (entry.shape.join() !== expected.join()) {
    const shapes = `has the shape [${entry.shape.join(', ')}], not [${expected.join(', ')}]`;
    const advice = 'Check that config.json and the weights belong together';
    throw badCheckpoint(tensors.dir, `tensor "${source}" ${shapes}`, advice);
  }
  return { ...spec, source };
}
