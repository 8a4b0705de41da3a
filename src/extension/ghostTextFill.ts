/**
 * What is asked of the sampler for ghost text, and what its answer becomes before it is shown: the same
 * for a request at the cursor and for one at a place where the cursor may come next. Sends nothing and
 * shows nothing.
 */
import type * as vscode from 'vscode';
import type { FillParams, FillResult, GapWish } from '../protocol/messages';
import type { CachedFill } from './completionCache';
import { documentSource, editorIndentation, editorOf, lineEnd } from './documentSource';
import { polish } from './ghostText/polish';
import type { GhostTextRequest } from './ghostTextRequest';
import type { InlineSettings } from './settings';
import type { Unfit } from './ghostText/polish';
import { fillParts, readSurroundings, type Surroundings } from './surroundings';

export function surroundingsOf({ document, position, selected }: GhostTextRequest): Surroundings {
  const completing = selected?.text.slice(document.getText(selected.range).length) ?? '';
  return readSurroundings(documentSource(document), document.offsetAt(position), completing);
}

/** @param priority `explicit`: who asks wants an answer, made afresh. */
export function fillParams(
  { languageId }: vscode.TextDocument,
  { maxTokens, budgetMs, sampling }: InlineSettings,
  around: Surroundings,
  priority: NonNullable<FillParams['priority']>,
): FillParams {
  const automatic = priority !== 'explicit';
  const gap: GapWish = {
    length: 'auto',
    minLength: automatic ? 0 : 1,
    ...(maxTokens !== undefined && { maxLength: maxTokens }),
  };
  return {
    parts: fillParts(around, gap),
    languageId,
    sampling,
    priority,
    ...(automatic && { reuseContext: true }),
    ...(automatic && budgetMs !== undefined && { budgetMs }),
  };
}

/** The fill as it goes into the document, or why it cannot. */
export function polished(
  { fills: [fill] }: FillResult,
  document: vscode.TextDocument,
  { lineBefore, suffix }: Surroundings,
  invoked: boolean,
): CachedFill | { readonly unfit: Unfit } {
  const { text, confidence, misfit } = fill!;
  // Who asks sees it all the same: what is missing around a gap may come yet.
  if (misfit && !invoked) return { unfit: misfit === 'shape' ? 'misshapen' : 'unboundNames' };
  const result = polish(text, {
    lineBefore,
    suffix,
    lineEnd: lineEnd(document),
    indentation: editorIndentation(editorOf(document)),
    invoked,
  });
  return 'unfit' in result ? result : { ...result, confidence, isWanted: invoked };
}
