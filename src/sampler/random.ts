/**
 * Seeded randomness for the sampler: same seed, same fill, on every machine. mulberry32 (Tommy
 * Ettinger's 32-bit mixer, public domain) is far better than the sampler needs. Not for secrets.
 */

/** Uniform in [0, 1). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
