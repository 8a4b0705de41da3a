/**
 * Writes a SentencePiece model as `spm_train` would: its three own specials, then the pieces with
 * scores. For the reader of src/model/sentencePiece.ts.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

export function sentencePieceFile(
  pieces: readonly (readonly [string, number])[],
  modelType = 1,
): Uint8Array {
  const writer = new BinaryWriter();
  for (const [text, score] of [['<unk>', 0], ['<s>', 0], ['</s>', 0], ...pieces] as const) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(text);
    writer.tag(2, WireType.Bit32).float(score);
    writer.join();
  }
  writer.tag(2, WireType.LengthDelimited).fork();
  writer.tag(4, WireType.Varint).int32(pieces.length); // vocab_size, which nobody reads
  writer.tag(3, WireType.Varint).int32(modelType);
  writer.join();
  writer.tag(3, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string('nmt_nfkc');
  writer.tag(2, WireType.LengthDelimited).bytes(Uint8Array.of(1, 2, 3));
  return writer.join().finish();
}

const letters = [...'abcdefghijklmnopqrstuvwxyz().,:=+-_'].map((c) => [c, -9] as const);
/** Enough to spell lower-case code, and some words. */
export const smallPieces: readonly (readonly [string, number])[] = [
  ['▁', -4],
  ['▁return', -3],
  ['return', -3.5],
  ['▁the', -2],
  ['the', -2.5],
  ['▁value', -3],
  ['s', -3],
  ...letters.filter(([c]) => c !== 's'),
];
