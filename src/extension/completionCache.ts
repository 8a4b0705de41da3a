/**
 * Fills that still fit after the user went on typing. A fill is kept with the text around its gap;
 * it answers again where it was asked, where the user has typed along it since, and where the user
 * has deleted backwards. So ghost text that is being followed costs no new request. Knows no editor
 * and no clock of its own.
 */
import type { Surroundings } from './surroundings';

const mostEntries = 250;
const timeToLiveMs = 5 * 60_000;
/** Offering back more than was just deleted would be in the way. */
const longestDeletion = 16; // UTF-16 units

export interface CachedFill {
  /** As polished: in the document's line ends and indentation. */
  readonly text: string;
  readonly replacedAfter: number;
  readonly confidence: number;
  /** The user asked for it: no threshold takes it away while it is typed along. */
  readonly isWanted: boolean;
}

interface Entry {
  readonly uri: string;
  readonly around: Surroundings;
  readonly fill: CachedFill;
  readonly storedAtMs: number;
}

export class CompletionCache {
  #entries: Entry[] = []; // latest use last
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  store(uri: string, around: Surroundings, fill: CachedFill): void {
    const isSame = (entry: Entry) =>
      entry.uri === uri && typedSince(entry.around, around)?.typed === '';
    this.#entries = this.#entries.filter((entry) => !isSame(entry)).slice(1 - mostEntries);
    this.#entries.push({ uri, around, fill, storedAtMs: this.#now() });
  }

  /** The newest fill that fits here, as it reads from here. */
  find(uri: string, around: Surroundings): CachedFill | undefined {
    const oldestMs = this.#now() - timeToLiveMs;
    this.#entries = this.#entries.filter(({ storedAtMs }) => storedAtMs >= oldestMs);
    for (const entry of this.#entries.toReversed()) {
      if (entry.uri !== uri) continue;
      const fill = continued(entry, around) ?? restored(entry, around);
      if (!fill) continue;
      this.#entries = [...this.#entries.filter((other) => other !== entry), entry];
      return fill;
    }
    return undefined;
  }

  /** Drops what `find` would answer here. */
  forget(uri: string, around: Surroundings): void {
    const answers = (entry: Entry) =>
      entry.uri === uri && (continued(entry, around) ?? restored(entry, around)) !== undefined;
    this.#entries = this.#entries.filter((entry) => !answers(entry));
  }

  forgetDocument(uri: string): void {
    this.#entries = this.#entries.filter((entry) => entry.uri !== uri);
  }

  clear(): void {
    this.#entries = [];
  }
}

/** The user typed the fill's first characters; brackets that the editor closed may follow. */
function continued({ around: before, fill }: Entry, now: Surroundings): CachedFill | undefined {
  const change = typedSince(before, now);
  if (!change || !fill.text.startsWith(change.typed)) return undefined;
  const text = fill.text.slice(change.typed.length);
  if (text === '' || !holdsInOrder(text, change.autoClosed)) return undefined;
  return { ...fill, text, replacedAfter: fill.replacedAfter + change.autoClosed.length };
}

/** The user deleted backwards from where the fill was asked, within the line. */
function restored({ around: before, fill }: Entry, now: Surroundings): CachedFill | undefined {
  const change = typedSince(now, before);
  if (!change || change.autoClosed !== '' || change.typed.length > longestDeletion)
    return undefined;
  if (/[\r\n]/.test(change.typed)) return undefined;
  return { ...fill, text: change.typed + fill.text };
}

/** What came in between `before` and `now` at the cursor; undefined: something else changed too. */
function typedSince(before: Surroundings, now: Surroundings) {
  const typedLength = now.offset - before.offset;
  const closedLength = now.documentLength - before.documentLength - typedLength;
  if (typedLength < 0 || typedLength > now.prefix.length || closedLength < 0) return undefined;
  const typed = now.prefix.slice(now.prefix.length - typedLength);
  const autoClosed = now.suffix.slice(0, closedLength);
  if (!/^[)\]}>'"`]*$/.test(autoClosed)) return undefined;
  const samePrefix = endsAlike(now.prefix.slice(0, now.prefix.length - typedLength), before.prefix);
  const sameSuffix = startsAlike(now.suffix.slice(closedLength), before.suffix);
  return samePrefix && sameSuffix ? { typed, autoClosed } : undefined;
}

/** Both are cut at a bound that moves with the cursor: compare what both still hold. */
function endsAlike(a: string, b: string): boolean {
  return a.length < b.length ? b.endsWith(a) : a.endsWith(b);
}

function startsAlike(a: string, b: string): boolean {
  return a.length < b.length ? b.startsWith(a) : a.startsWith(b);
}

function holdsInOrder(text: string, characters: string): boolean {
  let from = 0;
  for (const character of characters) {
    from = text.indexOf(character, from) + 1;
    if (from === 0) return false;
  }
  return true;
}
