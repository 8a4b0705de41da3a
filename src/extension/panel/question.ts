/**
 * From a question and what goes along with it to what the sampler process is asked: an infill at the
 * cursor or of the selection for models that fill, messages for models that converse; and the same
 * again, at a strength. Pure; knows a document by its slices.
 */
import type { ChatParams } from '../../protocol/chatMessages';
import type { FillParams, Part, SamplingOptions, TextRange } from '../../protocol/messages';
import { samplingOf, firstWish } from '../edits/wish';
import { withLineFeeds } from '../ghostText/lineEnds';
import { prefixReach, suffixReach, textAfter, textBefore, type TextSource } from '../surroundings';
import { instructionWith } from './contextText';

export type Request =
  | { readonly kind: 'code'; readonly params: FillParams; readonly file: string }
  | { readonly kind: 'prose'; readonly params: ChatParams };

export interface InfillPlace {
  readonly source: TextSource;
  /** Base name of the document's file. */
  readonly file: string;
  readonly languageId: string;
  readonly cursor: number;
  /** Becomes a draft; absent: a gap at the cursor. */
  readonly selection?: TextRange | undefined;
  /** How far the model reads around the place. */
  readonly around: 'file' | 'nothing' | TextRange;
  /** Percent, of a selection. */
  readonly strength: number;
  readonly sampling: SamplingOptions;
}

/** @param problems go along behind the question; empty: none. */
export function infillRequest(question: string, problems: string, place: InfillPlace): Request {
  const { source, file, languageId, cursor, selection, around, strength, sampling } = place;
  const { start, end } = selection ?? { start: cursor, end: cursor };
  const bounds = typeof around === 'object' ? around : { start: 0, end: source.length };
  const isRead = around !== 'nothing';
  const before = isRead ? textBefore(source, start, prefixReach) : '';
  const after = isRead ? textAfter(source, end, suffixReach) : '';
  const middle: Part = selection
    ? { draft: { text: withLineFeeds(source.slice(start, end)), strength: strength / 100 } }
    : { gap: { length: 'auto', minLength: 1 } };
  const parts: Part[] = [
    { text: before.slice(Math.max(0, before.length - Math.max(0, start - bounds.start))) },
    middle,
    { text: after.slice(0, Math.max(0, bounds.end - end)) },
  ];
  const instruction = instructionWith(question, problems);
  return {
    kind: 'code',
    params: { parts, languageId, sampling, instruction, priority: 'explicit' },
    file,
  };
}

export function chatRequestOf(
  messages: ChatParams['messages'],
  sampling: SamplingOptions,
): Request {
  return { kind: 'prose', params: { messages, sampling } };
}

/**
 * The same question once more.
 * @param answer what is denoised again; empty, or a strength of 100: begins anew.
 * @param attempt from 1; says what is drawn.
 */
export function askedAgain(
  request: Request,
  answer: string,
  strength: number,
  attempt: number,
): Request {
  const sampling = samplingOf({ ...firstWish(), attempt }, request.params.sampling ?? {});
  const isAnew = answer === '' || strength >= 100;
  const draft = { text: answer, strength: strength / 100 };
  if (request.kind === 'prose') {
    const params = { ...request.params, sampling };
    return { kind: 'prose', params: isAnew ? params : { ...params, draft } };
  }
  const parts = request.params.parts.map((part): Part => {
    if ('text' in part || isAnew) return part;
    return { draft: { ...draft, order: 'random' } };
  });
  return { ...request, params: { ...request.params, parts, sampling } };
}
