/**
 * Several answers to one request: how the ones after the first are drawn, and which of them are
 * worth showing. Pure; runs nothing.
 */
import type { Fill, SamplingOptions } from '../protocol/messages';
import { defaultSampling } from './denoise';
import { meanConfidence } from './fillText';

/**
 * Temperature of the variants after the first where the request has none (at 0 all would be equal).
 * Of four draws at each of three places the embedded model made 8 of 12 different answers at 0.3, 11
 * at 0.5 and at 0.7, which were less sure.
 */
export const variantTemperature = 0.5;

/** @param variant from 1; 0 would be the request as it is. */
export function variantSampling(sampling: SamplingOptions, variant: number): SamplingOptions {
  const { seed = defaultSampling.seed, temperature = defaultSampling.temperature } = sampling;
  return {
    ...sampling,
    seed: seed + variant,
    temperature: temperature > 0 ? temperature : variantTemperature,
  };
}

/** Those of `others` that differ from `first` and from each other, the surest first. */
export function bestFirst(
  first: readonly Fill[],
  others: readonly (readonly Fill[])[],
): (readonly Fill[])[] {
  const [, ...rest] = distinct([first, ...others], (fills) => fills);
  return rest.sort((a, b) => sureness(b) - sureness(a)); // stable: ties in the order drawn
}

/** Without those whose texts came before. */
export function distinct<T>(all: readonly T[], fillsOf: (one: T) => readonly Fill[]): T[] {
  const seen = new Set<string>();
  return all.filter((one) => {
    const key = keyOf(fillsOf(one));
    return !seen.has(key) && seen.add(key);
  });
}

function keyOf(fills: readonly Fill[]): string {
  return JSON.stringify(fills.map(({ text }) => text));
}

/** Of all that was written; a fill of nothing counts as one token as sure as its emptiness. */
function sureness(fills: readonly Fill[]): number {
  const tokens = fills.flatMap(({ tokens: own, confidence }) =>
    meanConfidence(own) === undefined ? [{ text: '', confidence }] : own,
  );
  return meanConfidence(tokens) ?? 1;
}
