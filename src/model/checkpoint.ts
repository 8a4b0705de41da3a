/**
 * A checkpoint folder as published or as our training writes it: what model it is, its special
 * tokens, and its weights by name. Everything is taken from the folder's own files; the caller may
 * state the mask id and the shift where they do not. Knows no ONNX and no model folders.
 */
import { recognize } from './architectures';
import { openAdapted } from './adapter';
import type { Family } from './families';
import { locateCheckpoint } from './checkpointFolder';
import type { CheckpointFolder } from './checkpointFolder';
import { readGpt2 } from './gpt2Checkpoint';
import { Fields, isCount } from './jsonFile';
import { readLlada } from './lladaCheckpoint';
import { readLlama } from './llamaCheckpoint';
import type { LengthPolicy, Manifest, ModelDimensions } from './manifest';
import { badCheckpoint } from './modelErrors';
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

/** The part of a manifest that the checkpoint decides. */
export type ModelFacts = Omit<
  Manifest,
  'manifestVersion' | 'weights' | 'weightFile' | 'hasTokenizer' | 'files' | 'selfTest'
>;

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

function checkMask(dir: string, maskId: number | undefined, vocabSize: number): number {
  if (maskId !== undefined && isCount(maskId) && maskId < vocabSize) return maskId;
  const found = `its mask id ${maskId} is outside its vocabulary of ${vocabSize} tokens`;
  throw badCheckpoint(dir, found, 'Give the right id with --mask-id');
}

/**
 * Ids outside the vocabulary are left out, for no row stands behind them; so is a start or end that
 * is the mask itself, which the tiny configs of tests and some published ones say.
 */
function specialFacts(
  specials: Specials,
  family: Family,
  maskId: number,
  vocabSize: number,
): Partial<ModelFacts> {
  const sound = (id: number | undefined) =>
    id !== undefined && id < vocabSize && id !== maskId ? id : undefined;
  const { sepId, tailIds } = specials;
  const bosId = specials.bosId ?? family.specials?.bosId;
  const padId = specials.padId ?? family.specials?.padId;
  const eosId = specials.eosId ?? family.specials?.eosId;
  const isGrowing = family.lengthPolicy === 'expand';
  const expandId = isGrowing ? sound(specials.expandId ?? family.expandId) : undefined;
  const tail = [...new Set(tailIds)].filter((id) => sound(id) !== undefined);
  return withoutUndefined({
    bosId: sound(bosId),
    eosId: sound(eosId),
    padId: sound(padId),
    sepId: sound(sepId),
    expandId,
    // DreamOn's authors reuse the end of the text for slots that a gap does not need.
    deleteId: expandId === undefined ? undefined : sound(specials.deleteId ?? eosId),
    closesCanvas: family.closesCanvas,
    sampling: family.sampling,
    tailIds: tail.length > 0 ? tail : undefined,
  });
}

function policyOf(
  family: Family,
  facts: Pick<Manifest, 'blankId' | 'lengthClasses' | 'expandId' | 'deleteId'>,
): LengthPolicy {
  if (facts.blankId !== undefined) return 'blanks';
  const { lengthPolicy } = family;
  const canGrow = facts.expandId !== undefined && facts.deleteId !== undefined;
  if (lengthPolicy === 'predicted' && facts.lengthClasses === undefined) return 'probed';
  return lengthPolicy === 'expand' && !canGrow ? 'probed' : lengthPolicy;
}

/** The keys that our own training adds to config.json. */
function ownFacts(config: Fields, vocabSize: number): Partial<ModelFacts> {
  const blankId = config.integer('blank_token_id');
  const languageTokens = config.object('language_tokens');
  const ids = [blankId ?? 0, ...Object.values(languageTokens ?? {})];
  const stray = ids.find((id) => !isCount(id) || id >= vocabSize);
  if (stray !== undefined) {
    throw badCheckpoint(config.path, `token ${JSON.stringify(stray)} is outside the vocabulary`);
  }
  return withoutUndefined({
    blankId,
    blankLossWeight: config.number('blank_loss_weight'),
    languageTokens: languageTokens as Readonly<Record<string, number>> | undefined,
    trainedOnCharacterCuts: config.boolean('trained_on_character_cuts'),
    trainedFromLeft: config.boolean('trained_from_left'),
    instructionPrefix: config.string('instruction_prefix'),
    label: config.string('lacuna_label'),
    inlineThreshold: config.number('inline_threshold'),
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
