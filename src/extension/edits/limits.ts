/**
 * Whether what is asked can fit the model's canvas at all, said before a single character is encoded:
 * a selection of thousands of lines must cost nothing. Whether it really fits is for the sampler
 * process, which counts tokens and says so in an error of its own. Pure.
 */
import { LacunaError } from '../../protocol/errors';
import { t } from '../l10n';

/** More than any tokenizer puts into one token of code on average, so nothing is refused wrongly. */
const mostCharactersPerToken = 12;
/** What code takes, for the words of the message and the text between two documents. */
const usualCharactersPerToken = 3;
/** Share of the canvas for the text between all documents. */
const seamShare = 0.4;
/** Share of the canvas for all gaps. */
const gapShare = 0.5;
/** What the sampler opens at most for a gap on its own, a block. */
const mostOfAnyGap = 64;

export interface CanvasRoom {
  readonly doing: string;
  /** Longest canvas of the model, tokens. */
  readonly maxTokens: number;
}

/** @throws LacunaError `contextTooLong` where no tokenizer could make it fit. */
export function checkRoom(
  characters: number,
  lines: number,
  { doing, maxTokens }: CanvasRoom,
): void {
  if (characters <= maxTokens * mostCharactersPerToken) return;
  const size = t('{0} characters in {1} lines', grouped(characters), grouped(lines));
  const room = t(
    '{0} tokens, about {1} characters',
    grouped(maxTokens),
    grouped(maxTokens * usualCharactersPerToken),
  );
  throw new LacunaError('contextTooLong', {
    doing,
    found: t(
      'what is selected or lies between the gaps has {0}, and the model holds {1}',
      size,
      room,
    ),
    advice: t('Select less, or fill fewer gaps at once'),
  });
}

/**
 * Most tokens that each of many gaps may open, so that all of them and some text fit; undefined: each
 * may open what its place asks for.
 */
export function mostTokensOf(maxTokens: number, gaps: number): number | undefined {
  const share = Math.floor((maxTokens * gapShare) / Math.max(1, gaps));
  return share < mostOfAnyGap ? Math.max(1, share) : undefined;
}

/** Characters to keep between the targets of one document and those of the next. */
export function seamReachOf(maxTokens: number, documents: number): number {
  const seams = Math.max(1, documents - 1);
  return Math.floor((maxTokens * usualCharactersPerToken * seamShare) / seams);
}

function grouped(count: number): string {
  return count.toLocaleString('en');
}
