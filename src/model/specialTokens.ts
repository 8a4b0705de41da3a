/**
 * Finds the ids of a checkpoint's special tokens in its own files: config.json and
 * generation_config.json, else the names that the tokenizer files give, looked up in the vocabulary.
 * The published models differ in their mask: DiffuGPT-S and DiffuLLaMA took an ordinary token (10541
 * `------------`, 811 `ти`), DiffuGPT-M and the Qwens added one. Knows no architectures.
 */
import { firstJson } from './checkpointFolder';
import { Fields, isCount, isJsonObject } from './jsonFile';
import type { JsonObject } from './jsonFile';
import { badCheckpoint } from './modelErrors';

export interface Specials {
  /** Undefined where no file names a mask token: no diffusion model, or one that hides it. */
  readonly maskId?: number | undefined;
  readonly bosId?: number | undefined;
  readonly eosId?: number | undefined;
  readonly padId?: number | undefined;
  readonly sepId?: number | undefined;
  readonly expandId?: number | undefined;
  readonly deleteId?: number | undefined;
  /** All that may stand behind the end of an answer. */
  readonly endIds: readonly number[];
  /** The same of models that were tuned to answer; none of others. */
  readonly tailIds: readonly number[];
}

/** Models that were trained to answer say so in their names; there alone an answer's end means much. */
const tuned = /instruct|chat|sft|grpo|llada-1\.5|gsm/i;
/** Names under which the token that becomes two masks was published. */
const expandNames = ['<|expand|>', '<expand>', '[EXPAND]'];
/** Ends of an answer besides the end of the text: Dream's, LLaDA's, DiffuCoder's. */
const answerEnds = ['<|im_end|>', '<|eot_id|>', '<|dlm_pad|>'];

/** @param stated what the caller says instead. */
export async function findSpecials(
  dirs: readonly string[],
  config: Fields,
  stated: {
    readonly maskId?: number;
    readonly expandId?: number;
    readonly isAdapter: boolean;
    /** What the folder and its config call the model. */
    readonly names: readonly string[];
  },
): Promise<Specials> {
  const read = async (name: string) => (await firstJson(dirs, name))?.json;
  const vocabulary = new Vocabulary(
    await read('tokenizer.json'),
    await read('tokenizer_config.json'),
    await read('added_tokens.json'),
    await read('vocab.json'),
  );
  const map = await read('special_tokens_map.json');
  const generation = await read('generation_config.json');
  const tokenizerConfig = await read('tokenizer_config.json');

  const textOf = (key: string) => tokenText(map?.[key]) ?? tokenText(tokenizerConfig?.[key]);
  const named = (key: string): number | undefined => {
    const text = textOf(key);
    return text === undefined ? undefined : vocabulary.find(text);
  };
  const idOf = (key: string): number | undefined => {
    const direct = firstId(config.json[`${key}_id`]) ?? firstId(generation?.[`${key}_id`]);
    return direct ?? named(key);
  };
  const firstOf = (names: readonly string[]) =>
    names.map((name) => vocabulary.find(name)).find((id) => id !== undefined);

  const sepId = idOf('sep_token');
  const padId = idOf('pad_token');
  const eosId = idOf('eos_token');
  // Base models ship the chat template and the separator of their tuned siblings.
  const hasForm = sepId !== undefined || tokenizerConfig?.chat_template !== undefined;
  const isTuned = hasForm && (stated.isAdapter || stated.names.some((name) => tuned.test(name)));
  const listed = (key: string) => [config.json, generation].flatMap((json) => idsIn(json?.[key]));
  const ends = [
    ...[eosId, ...listed('eos_token_id')],
    ...[padId, ...listed('pad_token_id')],
    ...answerEnds.map((name) => vocabulary.find(name)),
  ];
  const endIds = [...new Set(ends.filter((id) => id !== undefined))];
  return {
    maskId: stated.maskId ?? maskOf(dirs[0]!, config, idOf, textOf),
    // Dream's config gives the end of the text here, its tokenizer the token that canvases begin with.
    bosId: named('bos_token') ?? idOf('bos_token'),
    eosId,
    padId,
    sepId,
    expandId: stated.expandId ?? idOf('expand_token') ?? firstOf(expandNames),
    deleteId: idOf('delete_token'),
    endIds,
    tailIds: isTuned ? endIds : [],
  };
}

function maskOf(
  dir: string,
  config: Fields,
  idOf: (key: string) => number | undefined,
  textOf: (key: string) => string | undefined,
): number | undefined {
  const id = config.integer('mask_token_id') ?? idOf('mask_token');
  const text = textOf('mask_token');
  if (id !== undefined || text === undefined) return id;
  const found = `its mask token "${text}" stands in none of its vocabulary files`;
  throw badCheckpoint(dir, found, 'Give the id of the mask token with --mask-id');
}

/** An id, or the first of a list of them. */
function firstId(value: unknown): number | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isCount(first) ? first : undefined;
}

function idsIn(value: unknown): number[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter(isCount);
}

/** Token settings are either the text itself or an object around it. */
function tokenText(value: unknown): string | undefined {
  const text = isJsonObject(value) ? value.content : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** Where a token's id may stand: four files, any of which may be missing. */
class Vocabulary {
  constructor(
    private readonly tokenizer: JsonObject | undefined,
    private readonly config: JsonObject | undefined,
    private readonly added: JsonObject | undefined,
    private readonly plain: JsonObject | undefined,
  ) {}

  find(text: string): number | undefined {
    const model = this.tokenizer?.model;
    return (
      inTokenList(this.tokenizer?.added_tokens, text) ??
      inDecoder(this.config?.added_tokens_decoder, text) ??
      inVocabulary(this.added, text) ??
      inVocabulary(isJsonObject(model) ? model.vocab : undefined, text) ??
      inVocabulary(this.plain, text)
    );
  }
}

/** tokenizer.json: `[{id, content}, ...]` */
function inTokenList(list: unknown, text: string): number | undefined {
  if (!Array.isArray(list)) return undefined;
  const token = list.find((entry) => isJsonObject(entry) && entry.content === text) as
    JsonObject | undefined;
  return isCount(token?.id) ? token.id : undefined;
}

/** tokenizer_config.json: `{"50257": {content}, ...}` */
function inDecoder(decoder: unknown, text: string): number | undefined {
  if (!isJsonObject(decoder)) return undefined;
  const entry = Object.entries(decoder).find(([, token]) => tokenText(token) === text);
  const id = Number(entry?.[0]);
  return isCount(id) ? id : undefined;
}

/** `{text: id}` (BPE) or `[[text, score], ...]` (Unigram). */
function inVocabulary(vocabulary: unknown, text: string): number | undefined {
  if (Array.isArray(vocabulary)) {
    const id = vocabulary.findIndex((entry) => Array.isArray(entry) && entry[0] === text);
    return id < 0 ? undefined : id;
  }
  if (!isJsonObject(vocabulary) || !Object.hasOwn(vocabulary, text)) return undefined;
  const id = vocabulary[text];
  return isCount(id) ? id : undefined;
}
