/**
 * A checkpoint folder as published or as our training writes it: what model it is, its special
 * tokens, and its weights by name. Everything is taken from the folder's own files; the caller may
 * state the mask id and the shift where they do not. Knows no ONNX and no model folders.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { recognize } from './architectures';
import { findChatFormat, type ChatWish } from './chatFormat';
import { readGpt2 } from './gpt2Checkpoint';
import { Fields, isCount, readJsonObject } from './jsonFile';
import { readLlama } from './llamaCheckpoint';
import type { Architecture, Manifest, ModelDimensions } from './manifest';
import { findMaskId } from './maskToken';
import { badCheckpoint } from './modelErrors';
import { elements } from './safetensors';
import { TensorStore } from './tensorStore';
import { resolveWeights } from './weightSpec';
import type { ResolvedWeight, WeightSpec } from './weightSpec';

/** What one architecture's reader makes of config.json and the tensors' names. */
export interface ArchitectureFacts {
  readonly dimensions: ModelDimensions;
  readonly normEpsilon: number;
  readonly ropeTheta?: number;
  readonly weights: readonly WeightSpec[];
  readonly isIgnored: (tensor: string) => boolean;
}

/** The part of a manifest that the checkpoint decides. */
export type ModelFacts = Omit<
  Manifest,
  'manifestVersion' | 'weights' | 'weightFile' | 'hasTokenizer'
>;

export interface Checkpoint {
  readonly dir: string;
  readonly facts: ModelFacts;
  readonly weights: readonly ResolvedWeight[];
  /** Close it when done. */
  readonly tensors: TensorStore;
}

export interface CheckpointOptions {
  /** Instead of the mask id that the checkpoint's files tell. */
  readonly maskId?: number;
  /** Instead of the shift that its architecture implies. */
  readonly shift?: boolean;
  /** Where its chat format comes from; absent: `auto`. */
  readonly chat?: ChatWish;
}

const readers: Readonly<Record<Architecture, typeof readGpt2>> = {
  gpt2: readGpt2,
  llama: readLlama,
};

/** @throws LacunaError `badCheckpoint` or `unsupportedModel`, before any weight is read. */
export async function openCheckpoint(
  dir: string,
  options: CheckpointOptions = {},
): Promise<Checkpoint> {
  const json = await readJsonObject(path.join(dir, 'config.json'));
  if (!json) {
    const advice = 'Give the folder that the checkpoint was downloaded to';
    throw badCheckpoint(dir, 'it has no config.json', advice);
  }
  const config = new Fields(path.join(dir, 'config.json'), json);
  const maskId = options.maskId ?? (await findMaskId(dir, config));
  const architecture = recognize(dir, config, maskId !== undefined);
  const tensors = await TensorStore.open(dir);
  try {
    const { weights: specs, isIgnored, ...facts } = readers[architecture](config, tensors);
    const weights = resolveWeights(tensors, specs, isIgnored);
    const vocabSize = facts.dimensions.vocabSize;
    const name = await nameOf(dir);
    const source = { dir, name, config: json, vocabSize };
    const chat = await findChatFormat(source, options.chat ?? 'auto');
    return {
      dir,
      tensors,
      weights,
      facts: {
        ...facts,
        name,
        architecture,
        parameters: weights.reduce((sum, weight) => sum + elements(weight.shape), 0),
        tiedHead: !weights.some((weight) => weight.name === 'head.weight'),
        maskId: checkMask(dir, maskId, vocabSize),
        // Both architectures became diffusion models from autoregressive ones, which shifts them.
        shift: options.shift ?? config.boolean('shift') ?? true,
        ...specialTokens(config, vocabSize),
        ...ownFacts(config, vocabSize),
        ...(chat !== undefined && { chat }),
      },
    };
  } catch (error) {
    await tensors.close();
    throw error;
  }
}

function checkMask(dir: string, maskId: number | undefined, vocabSize: number): number {
  if (maskId !== undefined && isCount(maskId) && maskId < vocabSize) return maskId;
  const found = `its mask id ${maskId} is outside its vocabulary of ${vocabSize} tokens`;
  throw badCheckpoint(dir, found, 'Give the right id with --mask-id');
}

/** Begin and end of text; ids outside the vocabulary are left out, for no row stands behind them. */
function specialTokens(config: Fields, vocabSize: number): Pick<Manifest, 'bosId' | 'eosId'> {
  const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
  const isToken = (id: unknown): id is number => isCount(id) && id < vocabSize;
  const bosId = first(config.json.bos_token_id);
  const eosId = first(config.json.eos_token_id);
  return { ...(isToken(bosId) ? { bosId } : {}), ...(isToken(eosId) ? { eosId } : {}) };
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

/** The folder's name; in the Hugging Face cache (models--org--name/snapshots/hash) the model's. */
async function nameOf(dir: string): Promise<string> {
  const parts = path.resolve(dir).split(path.sep);
  const cached = parts.at(-2) === 'snapshots' ? parts.at(-3)?.split('--').at(-1) : undefined;
  return cached || path.basename(await realpath(dir));
}
