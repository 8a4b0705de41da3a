/**
 * A request record in a sentence or two for the user: what became of it and where the time went.
 * Pure.
 */
import type { RequestRecord } from './requestLog';
import { explainSilence } from './silence';

export function explainRecord(record: RequestRecord): string {
  const { automatic, file, outcome, detail, confidence, threshold } = record;
  const request = `${automatic ? 'Automatic' : 'Invoked'} completion in ${file}`;
  const sureness = confidence === undefined ? '' : `, confidence ${percent(confidence)}`;
  const bar = threshold === undefined ? '' : ` (threshold ${percent(threshold)})`;
  if (outcome === 'shown') return `${request}: shown${sureness}${bar}. ${explainTime(record)}`;
  const reason = detail ? `${explainSilence(outcome)}: ${detail}` : explainSilence(outcome);
  return `${request}: nothing was shown because ${reason}${sureness}${bar}. ${explainTime(record)}`;
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
