/**
 * Which of many scored tokens are worth a remark: unlikely where they stand, while the model knows
 * something far likelier. Neighbours become one remark, the least likely remarks come first, and only so
 * many are made. Pure; says nothing itself.
 */
import type { TextRange } from '../../protocol/messages';
import type { PlacedToken } from './scoredText';

/** A remark on a run of neighbouring tokens. */
export interface Surprise extends TextRange {
  /** In the order of the text. */
  readonly tokens: readonly SurprisingToken[];
}
export interface SurprisingToken extends TextRange {
  readonly text: string;
  readonly probability: number;
  readonly expected: { readonly text: string; readonly probability: number };
}
export interface Surprises {
  /** Least likely first. */
  readonly shown: readonly Surprise[];
  /** How many more there are. */
  readonly rest: number;
}

export const mostShown = 50;
/**
 * The best alternative must be this many times as likely as the threshold asks of the token: at the
 * default of 2 % that is 20 %. A token that is merely one of many unlikely ones is no surprise.
 */
const farLikelier = 10;
/** Likelier than everything else together is enough, however high the threshold is. */
const likelierThanAll = 0.5;

/** @param threshold probability below which a token is unlikely, 0..1. */
export function findSurprises(tokens: readonly PlacedToken[], threshold: number): Surprises {
  const merged: { start: number; end: number; tokens: SurprisingToken[] }[] = [];
  for (const token of tokens) {
    const surprising = surprisingToken(token, threshold);
    if (!surprising) continue;
    const last = merged.at(-1);
    if (last?.end === surprising.start) {
      last.tokens.push(surprising);
      last.end = surprising.end;
    } else {
      const { start, end } = surprising;
      merged.push({ start, end, tokens: [surprising] });
    }
  }
  const least = (surprise: Surprise) =>
    Math.min(...surprise.tokens.map(({ probability }) => probability));
  const ordered = merged.toSorted((a, b) => least(a) - least(b));
  return { shown: ordered.slice(0, mostShown), rest: Math.max(0, ordered.length - mostShown) };
}

function surprisingToken(token: PlacedToken, threshold: number): SurprisingToken | undefined {
  const { start, end, text, probability, alternatives } = token;
  const [expected] = alternatives;
  // White space cannot be underlined, and nobody looks for advice on it here.
  if (!expected || probability >= threshold || text.trim() === '') return undefined;
  const wanted = Math.min(likelierThanAll, farLikelier * threshold);
  const isFar = expected.probability >= Math.max(wanted, farLikelier * probability);
  return isFar ? { start, end, text, probability, expected } : undefined;
}
