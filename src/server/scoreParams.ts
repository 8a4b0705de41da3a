/**
 * The guard for score requests: what came as JSON becomes ScoreParams, or an error that names the
 * value. Knows no model; text of any length can be scored.
 */
import type { ScoreParams } from '../protocol/messages';
import { Guard } from './guard';

export const mostAlternatives = 10;

const guard = new Guard('Cannot score');

/** @throws LacunaError `badInput` for parts, `badUsage` for options. */
export function checkScoreParams(params: unknown): ScoreParams {
  const fields = guard.object(params, 'params', 'badInput');
  const parts = guard.list(fields.parts, 'parts', 'badInput').map(checkPart);
  if (!parts.some((part) => 'score' in part)) {
    throw guard.wrong('badInput', 'parts', parts, 'hold at least one text to score');
  }
  for (const name of ['languageId', 'progressToken']) guard.string(fields[name], name);
  guard.integer(fields.alternatives, 'alternatives', 0, mostAlternatives);
  guard.boolean(fields.exact, 'exact');
  return { ...(params as ScoreParams), parts };
}

function checkPart(part: unknown, index: number): ScoreParams['parts'][number] {
  const name = `parts[${index}]`;
  const fields = guard.object(part, name, 'badInput');
  if (typeof fields.score === 'string') return { score: fields.score };
  if (typeof fields.text === 'string') return { text: fields.text };
  throw guard.wrong('badInput', name, fields, 'hold a text, or a text to score');
}
