/**
 * A checkpoint folder as published or as our training writes it: what model it is, its special
 * tokens, and its weights by name. Everything is taken from the folder's own files; the caller may
 * state the mask id and the shift where they do not. Knows no ONNX and no model folders.
 */
import { recognize } from './architectures';
import { findChatFormat, type ChatWish } from './chatFormat';
import { openAdapted } from './adapter';
import { checkMask, ownFacts, policyOf, specialFacts } from './checkpointFacts';
import type { ModelFacts } from './checkpointFacts';
import type { Family } from './families';
import { locateCheckpoint } from './checkpointFolder';
import type { CheckpointFolder } from './checkpointFolder';
import { readGpt2 } from './gpt2Checkpoint';
import type { Fields } from './jsonFile';
import { readLlada } from './lladaCheckpoint';
import { readLlama } from './llamaCheckpoint';
import type { Manifest, ModelDimensions } from './manifest';
import { elements } from './safetensors';
import { findSpecials } from './specialTokens';
import type { Specials } from './specialTokens';
import { TensorStore } from './tensorStore';
import type { TensorSource } from './tensorStore';
import { resolveWeights } from './weightSpec';
import type { ResolvedWeight, WeightSpec } from './weightSpec';
import { isWrappedXlmr, readXlmr } from './xlmrCheckpoint';

/** What one architecture's reader makes of config.json and the tensors' names. */
export interface ArchitectureFacts extends Pick<
  Manifest,
  'ropeTheta' | 'queryKeyNorm' | 'preNorm' | 'lengthClasses' | 'normEpsilon'
> {
  readonly dimensions: ModelDimensions;
  readonly weights: readonly WeightSpec[];
  readonly isIgnored: (tensor: string) => boolean;
}

export interface Checkpoint {
  /** Where its tokenizer lies; beside the weights, or of an adapter's base. */
  readonly folder: CheckpointFolder;
  readonly facts: ModelFacts;
  readonly weights: readonly ResolvedWeight[];
  /** Close it when done. */
  readonly tensors: TensorSource;
}

export interface CheckpointOptions {
  /** Instead of the mask id that the checkpoint's files tell. */
  readonly maskId?: number;
  /** Instead of the shift that its architecture implies. */
  readonly shift?: boolean;
  /** Where its chat format comes from; absent: `auto`. */
  readonly chat?: ChatWish;
  /** Of a model like DreamOn, where its files do not name the token that grows a gap. */
  readonly expandId?: number;
  /** Checkpoint folder that an adapter (LoRA) was trained on. */
  readonly base?: string;
}

type Reader = (config: Fields, tensors: TensorSource, family: Family) => ArchitectureFacts;
const readers: Readonly<Record<Family['layout'], Reader>> = {
  gpt2: readGpt2,
  llama: readLlama,
  llada: readLlada,
  xlmr: readXlmr,
};

/** @throws LacunaError `badCheckpoint` or `unsupportedModel`, before any weight is read. */
export async function openCheckpoint(
  dir: string,
  options: CheckpointOptions = {},
): Promise<Checkpoint> {
  const folder = await locateCheckpoint(dir, options.base);
  const { config } = folder;
  const { names, adapterDir } = folder;
  const told = { ...options, names, isAdapter: adapterDir !== undefined };
  const specials = await findSpecials(folder.dirs, config, told);
  const { family, tensors } = await openTensors(folder, config, specials, options);
  try {
    const { weights: specs, isIgnored, ...facts } = readers[family.layout](config, tensors, family);
    const weights = resolveWeights(tensors, specs, isIgnored);
    const { vocabSize } = facts.dimensions;
    const maskId = checkMask(folder.dir, specials.maskId ?? family.maskId, vocabSize);
    const own = ownFacts(config, vocabSize);
    const special = specialFacts(specials, family, maskId, vocabSize);
    const { dirs, name } = folder;
    const endIds = specials.endIds.filter((id) => id !== maskId);
    const chat = await findChatFormat({ dirs, name, vocabSize, endIds }, options.chat ?? 'auto');
    return {
      folder,
      tensors,
      weights,
      facts: {
        ...facts,
        name: folder.name,
        family: own.blankId === undefined ? family.name : 'lacuna',
        architecture: family.architecture,
        parameters: weights.reduce((sum, weight) => sum + elements(weight.shape), 0),
        tiedHead: !weights.some((weight) => weight.name === 'head.weight'),
        maskId,
        shift: options.shift ?? config.boolean('shift') ?? family.shift,
        ...special,
        lengthPolicy: policyOf(family, { ...own, ...special, ...facts }),
        dtype: tensors.dtype,
        source: folder.source,
        ...(folder.licence === undefined ? {} : { licence: folder.licence }),
        ...own,
        ...(chat !== undefined && { chat }),
      },
    };
  } catch (error) {
    await tensors.close();
    throw error;
  }
}

/** The family is known before the weights are opened where config.json says enough. */
async function openTensors(
  folder: CheckpointFolder,
  config: Fields,
  specials: Specials,
  options: CheckpointOptions,
): Promise<{ family: Family; tensors: TensorSource }> {
  const recognizeWith = (isWrapped: boolean) =>
    recognize(folder.dir, config, {
      hasMask: specials.maskId !== undefined,
      maskStated: options.maskId !== undefined,
      hasExpand: specials.expandId !== undefined,
      isWrappedXlmr: isWrapped,
      names: folder.names,
    });
  const needsTensors = config.string('model_type')?.startsWith('xlm-roberta') === true;
  if (!needsTensors) recognizeWith(false);
  const store = await TensorStore.open(folder.dir);
  try {
    const family = recognizeWith(isWrappedXlmr(store));
    const { adapterDir } = folder;
    return { family, tensors: adapterDir ? await openAdapted(store, adapterDir) : store };
  } catch (error) {
    await store.close();
    throw error;
  }
}
