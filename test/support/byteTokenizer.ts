/**
 * A tokenizer.json of the byte-level family, made in the test: 256 bytes, a few merges of code,
 * specials behind them. Real enough for the library, small enough to know every id.
 */

const printable = (byte: number) =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;

export function byteAlphabet(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(printable(byte) ? byte : next++),
  );
}

export interface MadeTokenizer {
  readonly json: object;
  readonly idOf: (content: string) => number;
  readonly vocabSize: number;
}

/** @param words merged in this order, each from its characters left to right. */
export function byteTokenizer(
  words: readonly string[],
  specials: readonly string[],
): MadeTokenizer {
  const alphabet = byteAlphabet();
  const vocab: Record<string, number> = {};
  alphabet.forEach((character, byte) => (vocab[character] = byte));
  const merges: string[] = [];
  for (const word of words) {
    const pieces = [...new TextEncoder().encode(word)].map((byte) => alphabet[byte]!);
    let left = pieces[0]!;
    for (const piece of pieces.slice(1)) {
      const joined = left + piece;
      if (vocab[joined] === undefined) {
        merges.push(`${left} ${piece}`);
        vocab[joined] = Object.keys(vocab).length;
      }
      left = joined;
    }
  }
  const first = Object.keys(vocab).length;
  const idOf = (content: string) => {
    const special = specials.indexOf(content);
    if (special >= 0) return first + special;
    return vocab[[...new TextEncoder().encode(content)].map((b) => alphabet[b]!).join('')]!;
  };
  return {
    vocabSize: first + specials.length,
    idOf,
    json: {
      version: '1.0',
      added_tokens: specials.map((content, index) => ({
        id: first + index,
        content,
        special: true,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
      })),
      normalizer: null,
      pre_tokenizer: {
        type: 'ByteLevel',
        add_prefix_space: false,
        trim_offsets: true,
        use_regex: true,
      },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: { type: 'BPE', unk_token: null, fuse_unk: false, byte_fallback: false, vocab, merges },
    },
  };
}
