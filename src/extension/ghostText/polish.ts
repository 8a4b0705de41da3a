/**
 * From the sampler's text to what the editor shows: the rules of this folder in their order, each
 * in a file of its own. Answers with the text and how much of the line it replaces, or with the
 * reason why nothing is worth showing. Pure; the caller turns offsets into ranges.
 */
import { trimFollowingLines } from './followingLines';
import { withEditorIndentation, type Indentation } from './indentation';
import { withDocumentLineEnds, withLineFeeds } from './lineEnds';
import { runsInCircle, unrolled } from './repetition';
import { coveredRestOfLine } from './suffixOverlap';
import { isUndecodable } from './undecodable';

export interface Place {
  /** The cursor's line, left of the cursor. */
  readonly lineBefore: string;
  /** Everything right of the cursor, as far as it was read. */
  readonly suffix: string;
  readonly lineEnd: '\n' | '\r\n';
  readonly indentation: Indentation;
  /** Somebody asked by key: a fill that runs in a circle is shown with one round of it. */
  readonly invoked?: boolean;
}

export type Unfit =
  'undecodable' | 'circle' | 'repeatsFollowing' | 'blank' | 'misshapen' | 'unboundNames';

export type Polished =
  | { readonly text: string; readonly replacedAfter: number /* UTF-16, same line */ }
  | { readonly unfit: Unfit };

export function polish(sampled: string, place: Place): Polished {
  const lineFeeds = withLineFeeds(sampled);
  if (isUndecodable(lineFeeds)) return { unfit: 'undecodable' };
  if (lineFeeds.trim() === '') return { unfit: 'blank' };

  const whole = withEditorIndentation(lineFeeds, place.lineBefore, place.indentation);
  if (!place.invoked && runsInCircle(whole)) return { unfit: 'circle' };
  const indented = unrolled(whole);

  const suffix = withLineFeeds(place.suffix);
  const restOfLine = suffix.split('\n', 1)[0]!;
  const atLineEnd = restOfLine.trim() === '';
  const trimmed = trimFollowingLines(indented, place.lineBefore, suffix);
  // The suffix brings its own line end; blanks before it would only stay behind as dirt.
  const text = atLineEnd ? trimmed.trimEnd() : trimmed;
  const replacedAfter = coveredRestOfLine(text, restOfLine);
  if (text.trim() === '' || text === restOfLine.slice(0, replacedAfter)) {
    return { unfit: 'repeatsFollowing' };
  }
  return { text: withDocumentLineEnds(text, place.lineEnd), replacedAfter };
}
