/**
 * Where the benches fill: gaps of a given size in a canvas of a given size, in our own sources where the
 * model reads text, anywhere where its weights are random. Tokens only; nothing is timed here.
 */
import { readFileSync } from 'node:fs';
import type { Tokenizer } from '../../src/tokenizer/tokenizer';

export interface Place {
  /** The whole canvas; what it holds inside the gap is what stood there. */
  readonly ids: readonly number[];
  /** The gap: positions start..end-1. */
  readonly start: number;
  readonly end: number;
}

/** Three quarters of the context stand before the gap, as behind a cursor in the editor. */
export function gapIn(ids: readonly number[], gap: number): Place {
  const start = Math.max(1, Math.round(0.75 * (ids.length - gap)));
  return { ids, start, end: start + gap };
}

/** For random weights: any ids will do, the same for every side. */
export function madeUpPlace(tokens: number, gap: number, vocabulary: number): Place {
  const ids = Array.from({ length: tokens }, (_, i) => (i * 7919 + 13) % (vocabulary - 8));
  return gapIn(ids, gap);
}

const files = ['src/sampler/infill.ts', 'src/client/samplerClient.ts', 'src/model/modelFolder.ts'];

/** `count` places in our own sources. @param opening the token that a canvas begins with. */
export function placesInSources(
  tokenizer: Tokenizer,
  opening: number,
  { tokens, gap, count }: { tokens: number; gap: number; count: number },
): Place[] {
  const perFile = Math.ceil(count / files.length);
  return Array.from({ length: count }, (_, index) => {
    const all = tokenizer.encode(readFileSync(files[index % files.length]!, 'utf8'), 'start');
    const room = Math.max(0, all.length - tokens);
    const from = Math.floor((room * (Math.floor(index / files.length) + 0.5)) / perFile);
    return gapIn([opening, ...all.subarray(from, from + tokens - 1)], gap);
  });
}
