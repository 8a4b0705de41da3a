/**
 * Text to token ids and token ids to bytes, for a model that fills gaps in running text. Encoding is
 * @huggingface/tokenizers; decoding is ours, byte by byte, because a fill begins in the middle of a
 * text: a decoder made for whole texts drops a leading space there and tidies up punctuation.
 *
 * Knows no canvas and no mask. Special tokens are never read from user text: `<|endoftext|>` or the
 * mask's own name in a source file are ordinary characters.
 */
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { LacunaError } from '../protocol/errors';
import { bytesOfEntry, type TokenFamily } from './byteAlphabet';
import { unigramEncoder } from './unigram';

export interface Tokenizer {
  /** Entries, special ones included; the model may have more rows. */
  readonly size: number;
  /** Ids that stand for no text of their own: end of text, blank, language tags ... */
  readonly specialIds: readonly number[];
  /** The same by what they are called; only a chat template may name them. */
  readonly specialTokens: ReadonlyMap<string, number>;
  /**
   * Ids of a piece of running text. `at` says whether the piece begins the document: SentencePiece
   * vocabularies put a space in front of a text's first word, and only there.
   */
  encode(text: string, at: 'start' | 'middle'): Int32Array;
  /** Bytes of one token; none for a special one. */
  bytesOf(id: number): Uint8Array;
  /** Text of the tokens; bytes that are no UTF-8 become U+FFFD. */
  decode(ids: Iterable<number>): string;
}

interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: boolean;
}
/** Pieces and their scores, in the order of their ids. */
type UnigramVocab = readonly (readonly [string, number])[];
interface TokenizerJson {
  readonly model: {
    readonly vocab: Readonly<Record<string, number>> | UnigramVocab;
    readonly unk_id?: number;
  };
  readonly added_tokens?: readonly AddedToken[];
  readonly decoder?: unknown;
}

/** A line feed merges with nothing in SentencePiece BPE, so what follows it is running text. */
const sentinel = '\n';

/**
 * Makes a tokenizer from the parsed `tokenizer.json` and `tokenizer_config.json` of a checkpoint.
 * @throws LacunaError `badCheckpoint` when the files are of no known family, or damaged.
 */
export function createTokenizer(tokenizerJson: unknown, configJson: unknown): Tokenizer {
  const json = checked(tokenizerJson);
  const family = familyOf(json);
  const specials = (json.added_tokens ?? []).filter((token) => token.special === true);
  const specialIds = specials.map((token) => token.id);
  const library = libraryFor(json, configJson, new Set(specialIds));
  const bytes = tableOfBytes(json, family, new Set(specialIds));

  const encodeRaw = (text: string): Int32Array =>
    Int32Array.from(library.encode(text, { add_special_tokens: false }).ids);
  const { vocab } = json.model;
  if (isUnigram(vocab)) {
    const encode = unigramEncoder(vocab, encodeRaw);
    return tokenizerOver(bytes, specials, encode);
  }

  return tokenizerOver(bytes, specials, (text, at) => {
    if (family === 'byteLevel' || at === 'start') return encodeRaw(text);
    const ids = encodeRaw(sentinel + text);
    const cut = ids.findIndex((id) => bytes[id]?.[0] === 10);
    return ids.slice(cut + 1);
  });
}

/** @param encode of text that is not empty and has a UTF-8 form. */
function tokenizerOver(
  bytes: readonly Uint8Array[],
  specials: readonly { readonly id: number; readonly content: string }[],
  encode: Tokenizer['encode'],
): Tokenizer {
  return {
    size: bytes.length,
    specialIds: specials.map(({ id }) => id),
    specialTokens: new Map(specials.map(({ content, id }) => [content, id])),
    bytesOf: (id) => bytes[id] ?? new Uint8Array(),
    encode: (text, at) => (text === '' ? new Int32Array() : encode(text.toWellFormed(), at)),
    decode(ids) {
      return new TextDecoder().decode(concatenate([...ids].map((id) => bytes[id] ?? none)));
    },
  };
}

const none = new Uint8Array();

/** Without its special tokens the library cannot find one inside user text. */
function libraryFor(
  json: TokenizerJson,
  configJson: unknown,
  specialIds: ReadonlySet<number>,
): LibraryTokenizer {
  const { vocab } = json.model;
  // A Unigram list holds them as pieces like any other: they get names that no text spells.
  const model = isUnigram(vocab)
    ? {
        ...json.model,
        vocab: vocab.map(([piece, score], id) => [
          specialIds.has(id) ? `\u0000${id}\u0000` : piece,
          score,
        ]),
      }
    : json.model;
  const plain = (json.added_tokens ?? []).filter((token) => token.special !== true);
  const config = { ...(configJson as object), additional_special_tokens: [], remove_space: false };
  const names = { unk_token: undefined, eos_token: undefined, bos_token: undefined };
  try {
    return new LibraryTokenizer(
      { ...json, model, added_tokens: plain },
      isUnigram(vocab) ? { ...config, ...names } : config,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw cannotRead(`it is damaged (${reason})`);
  }
}

export function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function checked(tokenizerJson: unknown): TokenizerJson {
  const json = tokenizerJson as Partial<TokenizerJson> | null;
  if (typeof json?.model?.vocab !== 'object' || json.model.vocab === null) {
    throw cannotRead('it has no model.vocab');
  }
  const { vocab } = json.model;
  const isWhole = isUnigram(vocab)
    ? vocab.every((entry) => Array.isArray(entry) && isPiece(entry)) && isId(json.model.unk_id)
    : Object.values(vocab).every(isId);
  if (!isWhole) throw cannotRead('an entry of its model.vocab is damaged');
  const added: unknown = json.added_tokens ?? [];
  if (!Array.isArray(added) || !added.every((t) => isId(t?.id) && typeof t?.content === 'string')) {
    throw cannotRead('its added_tokens are damaged');
  }
  return json as TokenizerJson;
}

/** Far above every vocabulary; an id is an index of a table. */
const mostEntries = 2 ** 22;

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < mostEntries;
}

function isPiece([piece, score]: readonly unknown[]): boolean {
  return typeof piece === 'string' && Number.isFinite(score);
}

function isUnigram(vocab: TokenizerJson['model']['vocab']): vocab is UnigramVocab {
  return Array.isArray(vocab);
}

/** Told by the decoder, which must know how pieces become bytes; of a Unigram list, that it is one. */
function familyOf(json: TokenizerJson): TokenFamily {
  const decoder = JSON.stringify(json.decoder ?? null);
  if (decoder.includes('"ByteLevel"')) return 'byteLevel';
  if (/"ByteFallback"|"Metaspace"|"▁"/.test(decoder)) return 'metaspace';
  throw cannotRead(`its decoder is neither byte-level nor SentencePiece BPE`);
}

function tableOfBytes(
  json: TokenizerJson,
  family: TokenFamily,
  specialIds: ReadonlySet<number>,
): Uint8Array[] {
  const table: Uint8Array[] = [];
  const { vocab } = json.model;
  const entries = isUnigram(vocab)
    ? vocab.map(([piece], id) => [piece, id] as const)
    : Object.entries(vocab);
  for (const [entry, id] of entries) {
    table[id] = specialIds.has(id) ? new Uint8Array() : bytesOfEntry(entry, family);
  }
  for (const { id, content, special } of json.added_tokens ?? []) {
    table[id] = special === true ? new Uint8Array() : new TextEncoder().encode(content);
  }
  for (let id = 0; id < table.length; id++) table[id] ??= new Uint8Array();
  return table;
}

function cannotRead(found: string): LacunaError {
  return new LacunaError('badCheckpoint', {
    doing: 'Cannot read tokenizer.json',
    found,
    advice: 'Use a checkpoint with a byte-level or SentencePiece tokenizer.json',
  });
}
