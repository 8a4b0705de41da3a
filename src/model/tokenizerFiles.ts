/**
 * The tokenizer of a model folder as one tokenizer.json, from whichever files a checkpoint was
 * published with: tokenizer.json itself, vocab.json with merges.txt (Dream and its kin ship no more),
 * or a SentencePiece model (XLM-R). Also says when a vocabulary cannot belong to the weights. Knows no
 * text: what a tokenizer does with it is src/tokenizer's affair.
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { realFileOf } from './containedFile';
import { isCount, isJsonObject, readJsonObject } from './jsonFile';
import type { JsonObject } from './jsonFile';
import type { Architecture } from './manifest';
import { badCheckpoint } from './modelErrors';
import { sentencePieceJson } from './sentencePiece';

export interface TokenizerFiles {
  readonly tokenizer: JsonObject;
  readonly config: JsonObject;
}

/** What a model folder keeps; tokenizer.json is what makes it have a tokenizer. */
export const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
];

/** Qwen 2's way of cutting text into words before its merges. */
const qwenWords =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const maxMergesBytes = 64 * 2 ** 20;

/** @param dirs the first that has a tokenizer counts. Undefined where none has. */
export async function readPublishedTokenizer(
  dirs: readonly string[],
  architecture: Architecture,
): Promise<TokenizerFiles | undefined> {
  for (const dir of dirs) {
    const tokenizer = await tokenizerIn(dir, architecture);
    if (!tokenizer) continue;
    return { tokenizer, config: (await contained(dir, 'tokenizer_config.json')) ?? {} };
  }
  return undefined;
}

async function tokenizerIn(
  dir: string,
  architecture: Architecture,
): Promise<JsonObject | undefined> {
  const ready = await contained(dir, 'tokenizer.json');
  if (ready) return ready;
  const vocab = await contained(dir, 'vocab.json');
  if (vocab && (await exists(path.join(dir, 'merges.txt')))) {
    return byteLevelJson(dir, vocab, architecture);
  }
  for (const name of ['sentencepiece.bpe.model', 'spiece.model']) {
    if (!(await exists(path.join(dir, name)))) continue;
    const file = await realFileOf(dir, name);
    return sentencePieceJson(file, await readFile(file));
  }
  return undefined;
}

/** GPT-2's or Qwen's tokenizer from its two older files; Qwen's words are cut another way. */
async function byteLevelJson(
  dir: string,
  vocab: JsonObject,
  architecture: Architecture,
): Promise<JsonObject> {
  const file = await realFileOf(dir, 'merges.txt');
  const { size } = await stat(file);
  if (size > maxMergesBytes) throw badCheckpoint(file, `it has ${size} bytes of merges`);
  const lines = (await readFile(file, 'utf8')).split(/\r?\n/);
  const merges = lines.filter((line) => line !== '' && !line.startsWith('#version'));
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false };
  const words = {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: qwenWords }, behavior: 'Isolated', invert: false },
      { ...byteLevel, use_regex: false },
    ],
  };
  const isGpt2 = architecture === 'gpt2';
  return {
    version: '1.0',
    added_tokens: await addedTokens(dir),
    normalizer: isGpt2 ? null : { type: 'NFC' },
    pre_tokenizer: isGpt2 ? { ...byteLevel, use_regex: true } : words,
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      vocab,
      merges,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      unk_token: null,
    },
  };
}

async function addedTokens(dir: string): Promise<JsonObject[]> {
  const config = await contained(dir, 'tokenizer_config.json');
  const decoder = config?.added_tokens_decoder;
  const tokens = new Map<number, JsonObject>();
  for (const [text, id] of Object.entries((await contained(dir, 'added_tokens.json')) ?? {})) {
    if (isCount(id)) tokens.set(id, { id, content: text, special: true });
  }
  for (const [key, token] of Object.entries(isJsonObject(decoder) ? decoder : {})) {
    const id = Number(key);
    if (isCount(id) && isJsonObject(token)) tokens.set(id, { special: true, ...token, id });
  }
  return [...tokens.values()].sort((a, b) => Number(a.id) - Number(b.id));
}

/**
 * A vocabulary that cannot be the one the rows were trained with: more entries than rows, or far
 * fewer (rows are padded by some hundred, never by a tenth).
 */
export function checkVocabulary(dir: string, tokenizer: JsonObject, rows: number): void {
  const model = isJsonObject(tokenizer.model) ? tokenizer.model : {};
  const vocab = model.vocab;
  const added = Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens : [];
  const ids: unknown[] = Array.isArray(vocab)
    ? [vocab.length - 1]
    : Object.values(isJsonObject(vocab) ? vocab : {});
  for (const token of added) ids.push(isJsonObject(token) ? token.id : undefined);
  let last = -1;
  for (const id of ids) {
    if (Number.isSafeInteger(id) && (id as number) > last) last = id as number;
  }
  const found =
    last >= rows
      ? `its tokenizer goes up to token ${last}, its embedding has ${rows} rows`
      : last + 1 < 0.9 * rows
        ? `its tokenizer has ${last + 1} tokens, its embedding ${rows} rows`
        : undefined;
  if (found) throw badCheckpoint(dir, found, 'Put the tokenizer of this very checkpoint beside it');
}

export async function writeTokenizer(dir: string, files: TokenizerFiles): Promise<void> {
  await writeFile(path.join(dir, 'tokenizer.json'), JSON.stringify(files.tokenizer));
}

async function contained(dir: string, name: string): Promise<JsonObject | undefined> {
  if (!(await exists(path.join(dir, name)))) return undefined;
  return readJsonObject(await realFileOf(dir, name));
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
