/**
 * The flags about text that is there already: which of it, how much of that may change, what may
 * not. From words to a DraftWish; which tokens they hit is the sampler's business.
 */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { LacunaError } from '../../protocol/errors';
import type { DraftWish, TextRange } from '../../protocol/messages';
import { isInCharacter } from '../draftLocks';
import { growthRange } from '../fillParams';
import { parseNumber } from './samplingFlags';
import { collectRanges, type RangeWish } from './textPlace';

export interface DraftFlags {
  readonly range?: readonly RangeWish[];
  /** Percent. */
  readonly strength?: number;
  readonly order?: 'least-confident' | 'random';
  readonly lock?: readonly RegExp[];
  readonly growth?: number;
}

/** Percent of a draft that is masked where no flag says. */
const defaultStrength = 50;

export function addDraftFlags(command: Command): Command {
  const { least, most } = growthRange;
  return command
    .option(
      '--range <from-to>',
      'text to denoise again: LINE:COL-LINE:COL or LINE-LINE; may be repeated',
      collectRanges,
    )
    .option(
      '--strength <percent>',
      `share of its tokens to replace (default: ${defaultStrength})`,
      numberWithin(0, 100),
    )
    .addOption(
      new Option('--order <name>', 'which of them: those doubted most (default), or any').choices([
        'least-confident',
        'random',
      ]),
    )
    .option('--lock <regex>', 'what must stay, as a pattern; may be repeated', collectPatterns)
    .option('--growth <f>', 'tokens for each one replaced', numberWithin(least, most));
}

/** @throws LacunaError `badUsage` for flags about a draft where there is none. */
export function checkDraftFlags(flags: DraftFlags): void {
  if (flags.range !== undefined) return;
  const names = ['strength', 'order', 'lock', 'growth'] as const;
  const stray = names.find((name) => flags[name] !== undefined);
  if (stray === undefined) return;
  const advice = 'Say which text to denoise again with --range';
  throw new LacunaError('badUsage', {
    doing: 'Cannot fill',
    found: `--${stray} was given without a --range`,
    advice,
  });
}

export function draftWishOf(
  { strength, order, lock, growth }: DraftFlags,
  text: string,
): DraftWish {
  return {
    text,
    strength: (strength ?? defaultStrength) / 100,
    ...(order !== undefined && { order }),
    ...(lock !== undefined && { locks: locksOf(text, lock) }),
    ...(growth !== undefined && { growth }),
  };
}

/**
 * Everything that a pattern matches, in order and disjoint; a match that cuts a character takes it.
 * @throws LacunaError `badUsage` for a pattern that matches nothing: it would not protect what it
 * was meant for.
 */
export function locksOf(text: string, patterns: readonly RegExp[]): TextRange[] {
  const matches = patterns.flatMap((pattern) => {
    const own = [...text.matchAll(pattern)].filter(([match]) => match !== '');
    if (own.length > 0) return own;
    throw new LacunaError('badUsage', {
      doing: 'Cannot lock',
      found: `"${pattern.source}" matches nothing in the range`,
      advice: 'Correct the pattern or leave it out',
    });
  });
  const ranges = matches.map(({ index, 0: match }) => {
    const end = index + match.length;
    return {
      start: isInCharacter(text, index) ? index - 1 : index,
      end: isInCharacter(text, end) ? end + 1 : end,
    };
  });
  ranges.sort((a, b) => a.start - b.start || a.end - b.end);
  const joined: TextRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last === undefined || range.start > last.end) joined.push(range);
    else joined.splice(-1, 1, { start: last.start, end: Math.max(last.end, range.end) });
  }
  return joined;
}

function collectPatterns(source: string, before: readonly RegExp[] = []): RegExp[] {
  try {
    return [...before, new RegExp(source, 'gm')];
  } catch (thrown) {
    throw new InvalidArgumentError(`${(thrown as Error).message}.`);
  }
}

function numberWithin(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = parseNumber(text);
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
}
