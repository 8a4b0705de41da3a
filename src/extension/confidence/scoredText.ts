/**
 * From ranges of a document to a question about their tokens, and from the answer back to tokens with
 * offsets of the document. Ranges grow to whole words first: a model reads a cut word, or one without the
 * blank before it, as another token. Pure; knows a text by its slices and no editor.
 */
import { LacunaError } from '../../protocol/errors';
import type { ScoredToken, ScoreParams, TextRange } from '../../protocol/messages';
import {
  contextAfter,
  contextBefore,
  prefixReach,
  suffixReach,
  type TextSource,
} from '../surroundings';
import { t } from '../l10n';

/** A scored token, its range in the document. */
export interface PlacedToken extends ScoredToken {
  readonly text: string;
}

/** Some forwards a thousand characters: more than this nobody waits for. */
export const mostCharacters = 20_000;
/** No word is longer; a line without blanks may be. */
const longestWord = 64;

/** Whole words, ascending, disjoint, none empty. */
export function rangesToScore(source: TextSource, selected: readonly TextRange[]): TextRange[] {
  const result: { start: number; end: number }[] = [];
  const whole = selected
    .filter(({ start, end }) => source.slice(start, end).trim() !== '')
    .map((range) => wholeWords(source, range))
    .toSorted((a, b) => a.start - b.start);
  for (const range of whole) {
    const last = result.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else result.push({ ...range });
  }
  return result;
}

/** Counts only, so that a selection of any size is refused at once. @throws LacunaError */
export function checkSize(selected: readonly TextRange[], lines: number, doing: string): void {
  const characters = selected.reduce((sum, { start, end }) => sum + end - start, 0);
  if (characters <= mostCharacters) return;
  const size = t('{0} characters in {1} lines', grouped(characters), grouped(lines));
  throw new LacunaError('contextTooLong', {
    doing,
    found: t(
      'there are {0}, and at most {1} characters are looked at',
      size,
      grouped(mostCharacters),
    ),
    advice: t('Select less'),
  });
}

/** @param ranges as `rangesToScore` gives them, at least one. */
export function scoreParts(source: TextSource, ranges: readonly TextRange[]): ScoreParams['parts'] {
  const first = ranges[0]!;
  const parts = ranges.flatMap(({ start, end }, index): ScoreParams['parts'] => {
    const text =
      index === 0
        ? contextBefore(source, start, prefixReach)
        : source.slice(ranges[index - 1]!.end, start);
    return [...(text === '' ? [] : [{ text }]), { score: source.slice(start, end) }];
  });
  const rest = contextAfter(source, (ranges.at(-1) ?? first).end, suffixReach);
  return rest === '' ? parts : [...parts, { text: rest }];
}

/** @param lists one for each range. */
export function placeTokens(
  source: TextSource,
  ranges: readonly TextRange[],
  lists: readonly (readonly ScoredToken[])[],
): PlacedToken[] {
  return ranges.flatMap((range, index) =>
    (lists[index] ?? []).map((token) => {
      const start = range.start + token.start;
      const end = range.start + token.end;
      // An alternative without text is a token for the model only, such as the end of a text.
      const alternatives = token.alternatives.filter(({ text }) => text !== '');
      return { ...token, start, end, alternatives, text: source.slice(start, end) };
    }),
  );
}

/** With the blank before a word: most tokens of words begin with one. */
function wholeWords(source: TextSource, { start, end }: TextRange): TextRange {
  const before = source.slice(Math.max(0, start - longestWord), start);
  const text = source.slice(start, end);
  const after = source.slice(end, Math.min(source.length, end + longestWord));
  const head = isWord(text[0]) ? /[\p{L}\p{N}_]*$/u.exec(before)![0].length : 0;
  const tail = isWord(text.at(-1)) ? /^[\p{L}\p{N}_]*/u.exec(after)![0].length : 0;
  const blank = isBlank(text[0]) || !/[^\s] $/.test(before.slice(0, before.length - head)) ? 0 : 1;
  return { start: start - head - blank, end: end + tail };
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

function isBlank(character: string | undefined): boolean {
  return character === undefined || character.trim() === '';
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}
