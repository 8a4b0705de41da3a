/**
 * A SentencePiece model (protobuf) as the tokenizer.json that transformers would make of XLM-R's:
 * Unigram with scores, its four special tokens moved to the front and its mask behind the last piece.
 * Knows no text.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { JsonObject } from './jsonFile';
import { badCheckpoint } from './modelErrors';

/** Field numbers of sentencepiece_model.proto. */
const field = { pieces: 1, trainer: 2, normalizer: 3 } as const;
const pieceField = { text: 1, score: 2 } as const;
const trainerField = { modelType: 3 } as const;
const normalizerField = { charsMap: 2 } as const;
const unigram = 1;

const mostPieces = 2_000_000;
/** Pieces of the file that fairseq's order replaces: <unk>, <s>, </s>. */
const ownSpecials = 3;
const specials = ['<s>', '<pad>', '</s>', '<unk>'];

export function sentencePieceJson(path: string, bytes: Uint8Array): JsonObject {
  let parsed: Parsed;
  try {
    parsed = parse(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const found = `it is no SentencePiece model (${reason})`;
    throw badCheckpoint(path, found, undefined, { cause: error });
  }
  const { pieces, modelType, charsMap } = parsed;
  if (modelType !== unigram) {
    const how = 'Put the tokenizer.json of the checkpoint beside it';
    throw badCheckpoint(path, 'it is a SentencePiece model that is not Unigram', how);
  }
  if (pieces.length <= ownSpecials) throw badCheckpoint(path, `it has ${pieces.length} pieces`);
  const vocab = [
    ...specials.map((text) => [text, 0] as const),
    ...pieces.slice(ownSpecials),
    ['<mask>', 0] as const,
  ];
  const maskId = vocab.length - 1;
  const spaces = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' };
  const charsMapJson = {
    type: 'Precompiled',
    precompiled_charsmap: Buffer.from(charsMap).toString('base64'),
  };
  return {
    version: '1.0',
    added_tokens: [...specials.keys(), maskId].map((id) => ({
      id,
      content: vocab[id]![0],
      special: true,
      single_word: false,
      lstrip: id === maskId,
      rstrip: false,
      normalized: false,
    })),
    normalizer: charsMap.length === 0 ? null : charsMapJson,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'WhitespaceSplit' }, { ...spaces, add_prefix_space: true }],
    },
    post_processor: null,
    decoder: { ...spaces, add_prefix_space: true },
    model: { type: 'Unigram', unk_id: 3, vocab },
  };
}

interface Parsed {
  readonly pieces: readonly (readonly [string, number])[];
  readonly modelType: number;
  readonly charsMap: Uint8Array;
}

function parse(bytes: Uint8Array): Parsed {
  const pieces: (readonly [string, number])[] = [];
  let modelType = unigram; // the schema's default
  let charsMap = new Uint8Array();
  eachField(bytes, (number, reader) => {
    if (number === field.pieces) {
      if (pieces.length >= mostPieces) throw new Error('it has too many pieces');
      pieces.push(parsePiece(reader.bytes()));
    } else if (number === field.trainer) {
      eachField(reader.bytes(), (inner, spec) => {
        if (inner !== trainerField.modelType) return false;
        modelType = spec.int32();
        return true;
      });
    } else if (number === field.normalizer) {
      eachField(reader.bytes(), (inner, spec) => {
        if (inner !== normalizerField.charsMap) return false;
        charsMap = new Uint8Array(spec.bytes());
        return true;
      });
    } else return false;
    return true;
  });
  return { pieces, modelType, charsMap };
}

function parsePiece(bytes: Uint8Array): readonly [string, number] {
  let text = '';
  let score = 0;
  eachField(bytes, (number, reader) => {
    if (number === pieceField.text) text = reader.string();
    else if (number === pieceField.score) score = reader.float();
    else return false;
    return true;
  });
  if (!Number.isFinite(score)) throw new Error('a piece has no finite score');
  return [text, score];
}

/** @param read true where it has read the field; others are skipped. */
function eachField(
  bytes: Uint8Array,
  read: (number: number, reader: BinaryReader) => boolean,
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.EndGroup) throw new Error('a group ends that never began');
    if (!read(number, reader)) reader.skip(type, number);
  }
}
