/**
 * What is asked of the sampler beyond the text: strength, growth, which attempt this is; and how the
 * keys `again`, `stronger`, `weaker`, `longer`, `shorter` change it. A wish is a value; each key makes
 * the next one. Pure; knows no session and no text.
 */
import type { GapWish, SamplingOptions } from '../../protocol/messages';

export interface Wish {
  /** Percent of a draft's free tokens that are masked. */
  readonly strength: number;
  readonly order: 'least-confident' | 'random';
  /** Slots for each masked token of a draft. */
  readonly growth: number;
  /** 0 is the sampler's own seed; every `again` counts up. */
  readonly attempt: number;
  /** Bounds of gaps that were asked to be longer or shorter, by the gap's id. */
  readonly bounds: ReadonlyMap<number, LengthBounds>;
}
export type LengthBounds = Required<Pick<GapWish, 'minLength' | 'maxLength'>>;
export type WishChange = 'again' | 'stronger' | 'weaker' | 'longer' | 'shorter';

/** A gap or draft as far as its length matters. */
export interface Sized {
  readonly id: number;
  readonly kind: 'gap' | 'draft';
  /** Tokens of its present fill. */
  readonly tokens: number;
}

const strengthStep = 20; // percent
const lengthFactor = 1.25;
const growths = { least: 0.25, most: 4 }; // what DraftWish allows
/** Leaves the likeliest token often enough for another attempt to be another text. */
const retry = { temperature: 0.5, topP: 0.95 };

export function firstWish(from: Partial<Pick<Wish, 'strength' | 'order' | 'growth'>> = {}): Wish {
  const { strength = 60, order = 'least-confident', growth = 1 } = from;
  return { strength, order, growth, attempt: 0, bounds: new Map() };
}

/** The next wish; undefined where it would be the same one, at a limit or without a draft. */
export function changedWish(
  wish: Wish,
  change: WishChange,
  sized: readonly Sized[],
): Wish | undefined {
  switch (change) {
    case 'again':
      return { ...wish, attempt: wish.attempt + 1, order: 'random' };
    case 'stronger':
    case 'weaker': {
      if (!sized.some(({ kind }) => kind === 'draft')) return undefined;
      const step = change === 'stronger' ? strengthStep : -strengthStep;
      const strength = clamp(wish.strength + step, Math.min(strengthStep, wish.strength), 100);
      return strength === wish.strength ? undefined : { ...wish, strength };
    }
    case 'longer':
    case 'shorter':
      return resized(wish, change, sized);
  }
}

/** Sampling of the user's settings, loosened for another attempt. */
export function samplingOf({ attempt }: Wish, sampling: SamplingOptions): SamplingOptions {
  if (attempt === 0) return sampling;
  return { ...retry, ...sampling, seed: attempt };
}

function resized(
  wish: Wish,
  change: 'longer' | 'shorter',
  sized: readonly Sized[],
): Wish | undefined {
  const factor = change === 'longer' ? lengthFactor : 1 / lengthFactor;
  const growth = sized.some(({ kind }) => kind === 'draft')
    ? clamp(wish.growth * factor, growths.least, growths.most)
    : wish.growth;
  const bounds = new Map(wish.bounds);
  for (const { id, kind, tokens } of sized) {
    if (kind !== 'gap') continue;
    const step = Math.max(1, Math.round(tokens * (lengthFactor - 1)));
    if (change === 'longer') {
      bounds.set(id, { minLength: tokens + step, maxLength: 2 * (tokens + step) });
    } else if (tokens > 1) {
      bounds.set(id, { minLength: 1, maxLength: Math.max(1, tokens - step) });
    }
  }
  const isSame = growth === wish.growth && sameBounds(bounds, wish.bounds);
  return isSame ? undefined : { ...wish, growth, bounds };
}

function sameBounds(
  a: ReadonlyMap<number, LengthBounds>,
  b: ReadonlyMap<number, LengthBounds>,
): boolean {
  return a.size === b.size && [...a].every(([id, bound]) => b.get(id) === bound);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
