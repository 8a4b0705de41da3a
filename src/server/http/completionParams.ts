/**
 * OpenAI's completion request as a fill: the prompt before a gap, the suffix after it. What a masked
 * model cannot do is refused by name rather than left out. Pure; knows no model.
 */
import type { FillParams } from '../../protocol/messages';
import { mostVariants } from '../fillParams';
import { Guard, isInteger, type Fields } from '../guard';
import { HttpError } from './httpError';

export interface Completion {
  readonly fill: FillParams;
  /** As it was asked for; the answer repeats the served model's own name. */
  readonly model?: string;
  readonly stream: boolean;
  readonly wantsUsage: boolean;
  /** The fill ends before the first of these. */
  readonly stop: readonly string[];
  readonly maxTokens?: number;
  readonly logprobs: boolean;
}

const mostStops = 4;
const mostTokens = 131_072;

/** What would have to be heeded, with the values that ask for nothing. */
const unsupported: Readonly<Record<string, readonly unknown[]>> = {
  echo: [false],
  best_of: [1],
  presence_penalty: [0],
  frequency_penalty: [0],
};

const guard = new Guard('Cannot complete');

/** @throws LacunaError or HttpError 400 that names the field. */
export function completionOf(body: unknown): Completion {
  const fields = guard.object(body, 'the body', 'badInput');
  refuseUnsupported(fields);
  const { suffix, stream, n, temperature, top_p: topP, seed, max_tokens: most } = fields;
  guard.string(notNull(suffix), 'suffix');
  guard.string(notNull(fields.model), 'model');
  guard.string(notNull(fields.language_id), 'language_id');
  guard.boolean(notNull(stream), 'stream');
  guard.integer(notNull(n), 'n', 1, mostVariants);
  guard.integer(notNull(most), 'max_tokens', 1, mostTokens);
  guard.integer(notNull(fields.logprobs), 'logprobs', 0, 5);
  guard.integer(notNull(seed), 'seed', 0, Number.MAX_SAFE_INTEGER);
  const isTemperature = (value: number) => value >= 0 && value <= 2;
  guard.number(notNull(temperature), 'temperature', isTemperature, 'be a number from 0 to 2');
  const isShare = (value: number) => value > 0 && value <= 1;
  guard.number(notNull(topP), 'top_p', isShare, 'be a number above 0, at most 1');
  const maxLength = optional('maxLength', most);
  const fill: FillParams = {
    parts: [
      ...textPart(promptOf(fields.prompt)),
      { gap: { length: 'auto', minLength: 1, ...maxLength } },
      ...textPart((suffix as string | null | undefined) ?? ''),
    ],
    sampling: {
      ...optional('temperature', temperature),
      ...optional('topP', topP),
      ...optional('seed', seed),
    },
    ...optional('languageId', fields.language_id),
    ...(typeof n === 'number' && n > 1 && { variants: n }),
    ...(stream === true && { mend: false }),
  };
  return {
    fill,
    ...optional('model', fields.model),
    stream: stream === true,
    wantsUsage: usageWish(fields.stream_options),
    stop: stopsOf(fields.stop),
    ...optional('maxTokens', most),
    logprobs: isInteger(fields.logprobs, 0, 5),
  };
}

/** Clients send null for what they leave out. */
function notNull(value: unknown): unknown {
  return value === null ? undefined : value;
}

function optional(name: string, value: unknown): object {
  return value === undefined || value === null ? {} : { [name]: value };
}

function textPart(text: string): FillParams['parts'] {
  return text === '' ? [] : [{ text }];
}

/** OpenAI also takes lists and token ids; one text at a time is what is filled here. */
function promptOf(prompt: unknown): string {
  const one = Array.isArray(prompt) && prompt.length === 1 ? (prompt[0] as unknown) : prompt;
  if (typeof one === 'string') return one;
  throw guard.wrong('badInput', 'prompt', prompt, 'be one string');
}

function stopsOf(stop: unknown): readonly string[] {
  const list = typeof stop === 'string' ? [stop] : (stop ?? []);
  const isText = (item: unknown) => typeof item === 'string' && item !== '';
  if (Array.isArray(list) && list.length <= mostStops && list.every(isText)) {
    return list as string[];
  }
  throw guard.wrong('badUsage', 'stop', stop, `be a string or a list of at most ${mostStops}`);
}

function usageWish(options: unknown): boolean {
  if (options === undefined || options === null) return false;
  const { include_usage: wish } = guard.object(options, 'stream_options', 'badUsage');
  guard.boolean(wish, 'stream_options.include_usage');
  return wish === true;
}

function refuseUnsupported(fields: Fields): void {
  const isAsked = (name: string, neutral: readonly unknown[]) =>
    fields[name] !== undefined && fields[name] !== null && !neutral.includes(fields[name]);
  const bias = fields.logit_bias;
  const hasBias = typeof bias === 'object' && bias !== null && Object.keys(bias).length > 0;
  const param =
    Object.entries(unsupported).find(([name, neutral]) => isAsked(name, neutral))?.[0] ??
    (hasBias ? 'logit_bias' : undefined);
  if (param === undefined) return;
  throw new HttpError(400, {
    code: 'unsupported_parameter',
    found: `${param} is given, and this server cannot heed it`,
    advice: `Leave ${param} out`,
    param,
  });
}
