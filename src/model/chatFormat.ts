/**
 * How a checkpoint's conversations are written, found in its own files: a chat template, or what the
 * caller states. Any family can have either form; nothing here asks which one it is. Knows neither how a
 * template is filled in nor what text an id stands for.
 */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { firstJson } from './checkpointFolder';
import { isCount, isJsonObject } from './jsonFile';
import { realFileOf } from './containedFile';
import { badCheckpoint } from './modelErrors';

export type ChatFormat = TemplateFormat | SepFormat;
/** Messages with roles, written by a Jinja template. */
export interface TemplateFormat {
  readonly kind: 'template';
  readonly template: string;
  readonly bosToken?: string;
  readonly eosToken?: string;
  /** Tokens that end an answer, besides the one that the template ends a turn with. */
  readonly stopIds: readonly number[];
}
/** One question: start token, prompt, separator, answer, end token, perhaps pads. */
export interface SepFormat {
  readonly kind: 'sep';
  /** None where the answer follows the prompt directly. */
  readonly sepIds: readonly number[];
  readonly stopIds: readonly number[];
}

/** `auto` takes the checkpoint's template, unless its name says that it is a base model. */
export type ChatWish = 'auto' | 'template' | 'none' | { readonly sepIds: readonly number[] };

/** Longest template read, characters. The longest real one (tool calling) has about 14,000. */
const maxTemplate = 200_000;

export interface ChatSource {
  /** The first that has a file wins: an adapter's own, then its base's. */
  readonly dirs: readonly string[];
  readonly name: string;
  readonly vocabSize: number;
  /** Tokens that may stand behind an answer, as specialTokens.ts finds them. */
  readonly endIds: readonly number[];
}

/** @throws LacunaError `badCheckpoint` where what is asked for is not there. */
export async function findChatFormat(
  { dirs, name, vocabSize, endIds }: ChatSource,
  wish: ChatWish,
): Promise<ChatFormat | undefined> {
  if (wish === 'none') return undefined;
  const dir = dirs[0]!;
  const stopIds = endIds.filter((id) => id < vocabSize);
  if (typeof wish === 'object') {
    const stray = wish.sepIds.find((id) => !isCount(id) || id >= vocabSize);
    if (stray === undefined) return { kind: 'sep', sepIds: wish.sepIds, stopIds };
    const found = `its separator ${stray} is outside its vocabulary of ${vocabSize} tokens`;
    throw badCheckpoint(dir, found, 'Give the right ids with --chat sep:IDS');
  }
  // Base models often carry the template of the tuned model that their tokenizer comes from.
  if (wish === 'auto' && /(^|[^a-z])base([^a-z]|$)/i.test(name)) return undefined;
  const tokenizer = (await firstJson(dirs, 'tokenizer_config.json'))?.json ?? {};
  const template = (await templateFile(dirs)) ?? templateIn(tokenizer.chat_template);
  if (template === undefined && wish === 'auto') return undefined;
  if (template === undefined || template.length > maxTemplate) {
    const found =
      template === undefined
        ? 'it has no chat template'
        : `its chat template has ${template.length} characters`;
    throw badCheckpoint(dir, found, 'Convert it with --chat none');
  }
  const bosToken = contentOf(tokenizer.bos_token);
  const eosToken = contentOf(tokenizer.eos_token);
  return {
    kind: 'template',
    template,
    ...(bosToken !== undefined && { bosToken }),
    ...(eosToken !== undefined && { eosToken }),
    stopIds,
  };
}

/** @throws with what is wrong about the `chat` of a manifest. */
export function checkChatFormat(value: unknown, refuse: (found: string) => Error): void {
  if (value === undefined) return;
  const isIds = (ids: unknown) => Array.isArray(ids) && ids.every(isCount);
  const isSound =
    isJsonObject(value) &&
    isIds(value.stopIds) &&
    (value.kind === 'template'
      ? typeof value.template === 'string' &&
        [value.bosToken, value.eosToken].every((t) => ['string', 'undefined'].includes(typeof t))
      : value.kind === 'sep' && isIds(value.sepIds));
  if (!isSound) throw refuse('its "chat" is no chat format');
}

/** Newer checkpoints have it in a file of its own. */
async function templateFile(dirs: readonly string[]): Promise<string | undefined> {
  for (const dir of dirs) {
    const file = path.join(dir, 'chat_template.jinja');
    const size = await stat(file).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined) continue;
    if (size > 4 * maxTemplate) throw badCheckpoint(file, `it has ${size} bytes`);
    return readFile(await realFileOf(dir, 'chat_template.jinja'), 'utf8');
  }
  return undefined;
}

/** One template, or several by name. */
function templateIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = value.find((one) => isJsonObject(one) && one.name === 'default') as unknown;
  return isJsonObject(named) && typeof named.template === 'string' ? named.template : undefined;
}

function contentOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  return isJsonObject(token) && typeof token.content === 'string' ? token.content : undefined;
}
