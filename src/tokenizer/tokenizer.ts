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
interface TokenizerJson {
  readonly model: { readonly vocab: Readonly<Record<string, number>>; readonly type?: string };
  readonly added_tokens?: readonly AddedToken[];
  readonly decoder?: unknown;
}

/** A line feed merges with nothing in SentencePiece BPE, so what follows it is running text. */
const sentinel = '\n';

/**
 * Makes a tokenizer from the parsed `tokenizer.json` and `tokenizer_config.json` of a checkpoint.
 * @throws LacunaError `badCheckpoint` when the files are of no known BPE family.
 */
export function createTokenizer(tokenizerJson: unknown, configJson: unknown): Tokenizer {
  const json = checked(tokenizerJson);
  const family = familyOf(json);
  const specials = (json.added_tokens ?? []).filter((token) => token.special === true);
  const library = new LibraryTokenizer(
    // Without its special tokens the library cannot find one inside user text.
    { ...json, added_tokens: (json.added_tokens ?? []).filter((t) => t.special !== true) },
    { ...(configJson as object), additional_special_tokens: [], remove_space: false },
  );
  const specialIds = specials.map((token) => token.id);
  const bytes = tableOfBytes(json, family, new Set(specialIds));

  const encodeRaw = (text: string): Int32Array =>
    Int32Array.from(library.encode(text, { add_special_tokens: false }).ids);

  return {
    size: bytes.length,
    specialIds,
    specialTokens: new Map(specials.map(({ content, id }) => [content, id])),
    bytesOf: (id) => bytes[id] ?? new Uint8Array(),
    encode(text, at) {
      if (text === '') return new Int32Array();
      const sound = text.toWellFormed(); // a lone surrogate has no UTF-8
      if (family === 'byteLevel' || at === 'start') return encodeRaw(sound);
      const ids = encodeRaw(sentinel + sound);
      const cut = ids.findIndex((id) => bytes[id]?.[0] === 10);
      return ids.slice(cut + 1);
    },
    decode(ids) {
      return new TextDecoder().decode(concatenate([...ids].map((id) => bytes[id]!)));
    },
  };
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
  if (Array.isArray(json.model.vocab)) throw cannotRead('its vocabulary is a Unigram list');
  return json as TokenizerJson;
}

/** Told by the decoder, which must know how pieces become bytes. */
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
  for (const [entry, id] of Object.entries(json.model.vocab)) {
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
    advice: 'Use a checkpoint with a byte-level or SentencePiece BPE tokenizer.json',
  });
}
