/**
 * Keeps given text from looking masked. Several published checkpoints took an ordinary token as
 * mask (DiffuGPT-S: twelve dashes, DiffuLLaMA: "ти"), so the text of a file can contain its id; the
 * network cannot tell such a token from a gap. It is replaced by tokens that spell the same bytes.
 * Knows no canvas.
 */
import type { Tokenizer } from './tokenizer';

/** `ids` with every occurrence of the mask id spelled by other tokens of the same bytes. */
export function spellMaskId(ids: Int32Array, maskId: number, tokenizer: Tokenizer): Int32Array {
  if (!ids.includes(maskId)) return ids;
  const spelling = otherSpelling(maskId, tokenizer);
  return Int32Array.from([...ids].flatMap((id) => (id === maskId ? spelling : [id])));
}

/** Two tokens where the vocabulary has such a pair (longest first part wins), else smaller pieces. */
function otherSpelling(maskId: number, tokenizer: Tokenizer): number[] {
  const idOfBytes = new Map<string, number>();
  for (let id = tokenizer.size - 1; id >= 0; id--) {
    if (id !== maskId) idOfBytes.set(tokenizer.bytesOf(id).join(), id);
  }
  const whole = tokenizer.bytesOf(maskId);
  const pieces: number[] = [];
  let start = 0;
  while (start < whole.length) {
    let end = whole.length;
    while (end > start && !idOfBytes.has(whole.slice(start, end).join())) end--;
    if (end === start) return []; // cannot be spelled; leaving it out beats faking a gap
    pieces.push(idOfBytes.get(whole.slice(start, end).join())!);
    start = end;
  }
  return pieces;
}
