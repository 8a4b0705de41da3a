/**
 * A request record in a sentence or two for the user: what became of it and where the time went.
 * Pure.
 */
import type { FillParams } from '../protocol/messages';
import type { RequestRecord } from './requestLog';
import { explainSilence } from './silence';

export function explainRecord(record: RequestRecord): string {
  const { automatic, file, outcome, detail, confidence, threshold } = record;
  const request = `${automatic ? 'Automatic' : 'Invoked'} completion in ${file}`;
  const sureness = confidence === undefined ? '' : `, confidence ${percent(confidence)}`;
  const bar = threshold === undefined ? '' : ` (threshold ${percent(threshold)})`;
  const after = `${explainTime(record)}${explainSent(record)}`;
  if (outcome === 'shown') return `${request}: shown${sureness}${bar}. ${after}`;
  const reason = detail ? `${explainSilence(outcome)}: ${detail}` : explainSilence(outcome);
  return `${request}: nothing was shown because ${reason}${sureness}${bar}. ${after}`;
}

function explainSent({ sent }: RequestRecord): string {
  if (!sent) return '';
  return ` ${sent.before} characters before the gap and ${sent.after} after it went to the sampler process on this machine.`;
}

function explainTime({ fromCache, forwards, steps, tokens, parts }: RequestRecord): string {
  const total = `It took ${ms(parts.totalMs)}`;
  if (fromCache) return `${total}, from an earlier fill.`;
  if (forwards === undefined) return `${total}.`;
  const waits = `${ms(parts.debounceMs)} waiting for the next key, ${ms(parts.queueMs)} in the queue`;
  const work = `${ms(parts.forwardMs + parts.textMs)} in the sampler (${tokens} tokens, ${steps} steps, ${forwards} forwards)`;
  return `${total}: ${waits}, ${work}.`;
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}

/** The text that a request gave, in its order, the gap drawn as masks. */
export function sentText({ parts }: FillParams): string {
  return parts
    .map((part) => ('text' in part ? part.text : 'draft' in part ? part.draft.text : '░░░░░░'))
    .join('');
}
