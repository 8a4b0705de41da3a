/**
 * The guard for score requests: what came as JSON becomes ScoreParams, or an error that names the
 * value. Knows no model.
 */
import { LacunaError } from '../protocol/errors';
import type { ScoreParams } from '../protocol/messages';
import { Guard } from './guard';

export const mostAlternatives = 10;

/**
 * Characters from the first scored text to the end of the last. Each of its tokens is looked at, so that a
 * file of one long line would take hours; the largest file that people wrote is less.
 */
export const mostScored = 400_000;

const guard = new Guard('Cannot score');

/** @throws LacunaError `badInput` for parts, `badUsage` for options. */
export function checkScoreParams(params: unknown): ScoreParams {
  const fields = guard.object(params, 'params', 'badInput');
  const parts = guard.list(fields.parts, 'parts', 'badInput').map(checkPart);
  if (!parts.some((part) => 'score' in part)) {
    throw guard.wrong('badInput', 'parts', parts, 'hold at least one text to score');
  }
  checkSize(parts);
  for (const name of ['languageId', 'progressToken']) guard.string(fields[name], name);
  guard.integer(fields.alternatives, 'alternatives', 0, mostAlternatives);
  guard.boolean(fields.exact, 'exact');
  return { ...(params as ScoreParams), parts };
}

function checkSize(parts: ScoreParams['parts']): void {
  const first = parts.findIndex((part) => 'score' in part);
  const last = parts.findLastIndex((part) => 'score' in part);
  const inner = parts.slice(first, last + 1);
  const size = inner.reduce(
    (sum, part) => sum + ('score' in part ? part.score : part.text).length,
    0,
  );
  if (size <= mostScored) return;
  throw new LacunaError('badInput', {
    doing: 'Cannot score',
    found: `what is to be scored and the text between take ${size} characters, more than ${mostScored}`,
    advice: 'Score a part of it',
  });
}

function checkPart(part: unknown, index: number): ScoreParams['parts'][number] {
  const name = `parts[${index}]`;
  const fields = guard.object(part, name, 'badInput');
  if (typeof fields.score === 'string') return { score: fields.score };
  if (typeof fields.text === 'string') return { text: fields.text };
  throw guard.wrong('badInput', name, fields, 'hold a text, or a text to score');
}
