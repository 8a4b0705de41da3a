/**
 * Finds the id of a checkpoint's mask token in its own files: config.json, else the token that the
 * tokenizer files call `mask_token`, looked up in the vocabulary. The published models differ here:
 * DiffuGPT-S and DiffuLLaMA took an ordinary token (10541 `------------`, 811 `ти`), DiffuGPT-M added
 * one (50257). Knows no architectures.
 */
import path from 'node:path';
import { Fields, isCount, isJsonObject, readJsonObject } from './jsonFile';
import type { JsonObject } from './jsonFile';
import { badCheckpoint } from './modelErrors';

/** Undefined where no file names a mask token: the checkpoint is no diffusion model, or hides it. */
export async function findMaskId(dir: string, config: Fields): Promise<number | undefined> {
  const stated = config.integer('mask_token_id');
  if (stated !== undefined) return stated;
  const tokenizerConfig = await readJsonObject(path.join(dir, 'tokenizer_config.json'));
  const map = await readJsonObject(path.join(dir, 'special_tokens_map.json'));
  const text = tokenText(map?.mask_token) ?? tokenText(tokenizerConfig?.mask_token);
  if (text === undefined) return undefined;

  const tokenizer = await readJsonObject(path.join(dir, 'tokenizer.json'));
  const id =
    inTokenList(tokenizer?.added_tokens, text) ??
    inDecoder(tokenizerConfig?.added_tokens_decoder, text) ??
    inVocabulary(await readJsonObject(path.join(dir, 'added_tokens.json')), text) ??
    inVocabulary(isJsonObject(tokenizer?.model) ? tokenizer.model.vocab : undefined, text) ??
    inVocabulary(await readJsonObject(path.join(dir, 'vocab.json')), text);
  if (id !== undefined) return id;
  const found = `its mask token "${text}" stands in none of its vocabulary files`;
  throw badCheckpoint(dir, found, 'Give the id of the mask token with --mask-id');
}

/** Token settings are either the text itself or an object around it. */
function tokenText(value: unknown): string | undefined {
  const text = isJsonObject(value) ? value.content : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
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
