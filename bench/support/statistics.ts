/**
 * Medians, quartiles and ratios of repeated measurements, and the loop that takes two or more sides in
 * turns. What a machine does besides drifts over minutes, so sides are compared within a round, never
 * one block after another. Knows no clock and nothing that is measured.
 */

export interface Summary {
  readonly median: number;
  /** Quartiles: half of all values lie between them. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** Linear between the two nearest ranks. @param share 0..1 */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('Cannot take a quantile of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

export function summarize(values: readonly number[]): Summary {
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantile(values, share));
  return { median: median!, low: low!, high: high!, count: values.length };
}

/** How many times as long `slow` took as `fast`, round by round. */
export function ratio(slow: readonly number[], fast: readonly number[]): Summary {
  if (slow.length !== fast.length) {
    throw new Error(`Cannot compare ${slow.length} rounds with ${fast.length}`);
  }
  return summarize(slow.map((value, round) => value / fast[round]!));
}

/** One measurement. On a machine that does other things as well, `cpuMs` is the steadier of the two. */
export interface Sample {
  readonly ms: number;
  /** Processor time of the side's own process, all its threads. */
  readonly cpuMs: number;
}

export type Side<Result> = () => Promise<Result>;

/**
 * Runs every side once a round, forwards and backwards by turns, so that a drift within a round favours
 * none. The first round is thrown away: caches, pages, lazy set-up.
 */
export async function takeTurns<Name extends string, Result>(
  sides: Readonly<Record<Name, Side<Result>>>,
  rounds: number,
  warmUps = 1,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(sides) as Name[];
  const taken = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    Result[]
  >;
  for (let round = -warmUps; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await sides[name]();
      if (round >= 0) taken[name].push(result);
    }
  }
  return taken;
}

/** Times `work` with this process's own clock and processor time. */
export async function sample<T>(work: () => Promise<T>): Promise<Sample & { readonly result: T }> {
  const before = process.cpuUsage();
  const start = performance.now();
  const result = await work();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { ms, cpuMs: (user + system) / 1000, result };
}

/** Three significant digits, for tables. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

/** `12.3 (11.9 to 13.0)` */
export function shownSummary({ median, low, high }: Summary): string {
  return `${shown(median)} (${shown(low)} to ${shown(high)})`;
}
