/**
 * What the statistics are made of: counts by language and a histogram of answer times, nothing else.
 * No text, no file name and no time of day is in them. Values; each change makes the next one. Pure.
 */

export const countNames = [
  'shown',
  'accepted',
  'proposed',
  'proposalsAccepted',
  'keptAfter30s',
  'lostAfter30s',
  'keptAfter5min',
  'lostAfter5min',
] as const;
export type CountName = (typeof countNames)[number];

export interface LanguageCounts {
  readonly counts: Readonly<Partial<Record<CountName, number>>>;
  /** Number of answers by bucket of their time. */
  readonly latency: Readonly<Record<string, number>>;
}

export interface Counts {
  readonly version: 1;
  /** The day of the first count, ISO; empty before it. */
  readonly since: string;
  readonly languages: Readonly<Record<string, LanguageCounts>>;
}

/** What happened once, in one language. */
export type Event =
  | { readonly languageId: string; readonly name: CountName }
  | { readonly languageId: string; readonly latencyMs: number };

export const noCounts: Counts = { version: 1, since: '', languages: {} };
const noLanguage: LanguageCounts = { counts: {}, latency: {} };

/** A bucket is a twentieth wide, so a percentile is at most 2.5 % off. */
const bucketBase = 1.05;

export function withEvents(counts: Counts, events: readonly Event[], day: string): Counts {
  if (events.length === 0) return counts;
  const languages: Record<string, LanguageCounts> = { ...counts.languages };
  for (const event of events) {
    const { languageId } = event;
    const before = Object.hasOwn(languages, languageId) ? languages[languageId]! : noLanguage;
    languages[languageId] = withEvent(before, event);
  }
  return { version: 1, since: counts.since || day, languages };
}

/** All languages as one. */
export function total({ languages }: Counts): LanguageCounts {
  const counts: Partial<Record<CountName, number>> = {};
  const latency: Record<string, number> = {};
  for (const language of Object.values(languages)) {
    for (const name of countNames) counts[name] = (counts[name] ?? 0) + countOf(language, name);
    for (const [bucket, count] of Object.entries(language.latency)) {
      latency[bucket] = (latency[bucket] ?? 0) + count;
    }
  }
  return { counts, latency };
}

export function countOf({ counts }: LanguageCounts, name: CountName): number {
  return counts[name] ?? 0;
}

/** Milliseconds under which this share of the answers came; undefined without any. @param share 0..1 */
export function percentileMs({ latency }: LanguageCounts, share: number): number | undefined {
  const buckets = Object.entries(latency)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((a, b) => a.bucket - b.bucket);
  const all = buckets.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  for (const { bucket, count } of buckets) {
    seen += count;
    if (seen >= share * all) return bucketBase ** (bucket + 0.5);
  }
  return undefined;
}

/** Stored text of another version, or of nobody's, counts as none. */
export function readCounts(stored: unknown): Counts {
  const counts = stored as Partial<Counts> | undefined;
  const isOurs = counts?.version === 1 && typeof counts.languages === 'object';
  return isOurs && counts.languages !== null ? (counts as Counts) : noCounts;
}

function withEvent(before: LanguageCounts, event: Event): LanguageCounts {
  if ('name' in event) {
    const counts = { ...before.counts, [event.name]: countOf(before, event.name) + 1 };
    return { ...before, counts };
  }
  const bucket = String(Math.floor(Math.log(Math.max(1, event.latencyMs)) / Math.log(bucketBase)));
  const latency = { ...before.latency, [bucket]: (before.latency[bucket] ?? 0) + 1 };
  return { ...before, latency };
}
