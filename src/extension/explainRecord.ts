/**
 * A request record in a sentence or two for the user: what became of it and where the time went.
 * Pure.
 */
import type { FillParams } from '../protocol/messages';
import type { RequestRecord } from './requestLog';
import { explainSilence } from './silence';
import { t } from './l10n';

export function explainRecord(record: RequestRecord): string {
  const { automatic, file, outcome, detail, confidence, threshold } = record;
  const request = automatic
    ? t('Automatic completion in {0}', file)
    : t('Invoked completion in {0}', file);
  const sureness = confidence === undefined ? '' : t(', confidence {0}', percent(confidence));
  const bar = threshold === undefined ? '' : t(' (threshold {0})', percent(threshold));
  const after = `${explainTime(record)}${explainSent(record)}`;
  if (outcome === 'shown') return `${t('{0}: shown{1}{2}.', request, sureness, bar)} ${after}`;
  const reason = detail ? `${explainSilence(outcome)}: ${detail}` : explainSilence(outcome);
  const why = t('{0}: nothing was shown because {1}{2}{3}.', request, reason, sureness, bar);
  return `${why} ${after}`;
}

function explainSent({ sent }: RequestRecord): string {
  if (!sent) return '';
  return ` ${t('{0} characters before the gap and {1} after it went to the sampler process on this machine.', sent.before, sent.after)}`;
}

function explainTime({ fromCache, forwards, steps, tokens, parts }: RequestRecord): string {
  const total = t('It took {0}', ms(parts.totalMs));
  if (fromCache) return t('{0}, from an earlier fill.', total);
  if (forwards === undefined) return `${total}.`;
  const waits = t(
    '{0} waiting for the next key, {1} in the queue',
    ms(parts.debounceMs),
    ms(parts.queueMs),
  );
  const work = t(
    '{0} in the sampler ({1} tokens, {2} steps, {3} forwards)',
    ms(parts.forwardMs + parts.textMs),
    tokens ?? 0,
    steps ?? 0,
    forwards,
  );
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
