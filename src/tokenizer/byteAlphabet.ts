/**
 * What bytes a vocabulary entry stands for. Two families are known: GPT-2's byte-level alphabet
 * (each byte is one printable character) and SentencePiece BPE with byte fallback (`▁` is a space,
 * `<0x0A>` a byte). Knows nothing of merges, models or which id is special.
 */

export type TokenFamily = 'byteLevel' | 'metaspace';

/** GPT-2's table, character -> byte: printable Latin-1 stands for itself, the rest from U+0100 on. */
const byteOfCharacter: ReadonlyMap<string, number> = (() => {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const table = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++) {
    table.set(String.fromCharCode(printable(byte) ? byte : next++), byte);
  }
  return table;
})();

const utf8 = new TextEncoder();

/** Bytes of one vocabulary entry. */
export function bytesOfEntry(entry: string, family: TokenFamily): Uint8Array {
  if (family === 'metaspace') {
    const fallback = /^<0x([0-9A-Fa-f]{2})>$/.exec(entry);
    if (fallback) return Uint8Array.of(parseInt(fallback[1]!, 16));
    return utf8.encode(entry.replaceAll('▁', ' '));
  }
  const bytes: number[] = [];
  for (const character of entry) {
    const byte = byteOfCharacter.get(character);
    if (byte !== undefined) bytes.push(byte);
    else bytes.push(...utf8.encode(character)); // an added token outside the alphabet
  }
  return Uint8Array.from(bytes);
}
