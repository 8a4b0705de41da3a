/**
 * Ids that no text is made of: special tokens (the blank among them), and rows of the model that
 * the tokenizer has no entry for. The mask is banned by whoever predicts.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';

export function bannedIds(tokenizer: Tokenizer, vocabSize: number): number[] {
  const padding = Array.from(
    { length: Math.max(0, vocabSize - tokenizer.size) },
    (_, offset) => tokenizer.size + offset,
  );
  return [...tokenizer.specialIds.filter((id) => id < vocabSize), ...padding];
}
