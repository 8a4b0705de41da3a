/**
 * The guard at the wire: what came as JSON becomes FillParams, or an error that names the value.
 * Shared by the sampler process and the CLI, so both refuse the same things in the same words.
 * Knows no model: whether a length fits is the sampler's business.
 */
import type { FillParams, GapWish, Part, SamplerName, SamplingOptions } from '../protocol/messages';
import { LacunaError } from '../protocol/errors';

/** Every rule by name; a forgotten one does not compile. */
const samplers: Readonly<Record<SamplerName, true>> = {
  even: true,
  factor: true,
  'topk-mask': true,
  'random-keep': true,
  'cosine-remask': true,
};
export const samplerNames = Object.keys(samplers) as SamplerName[];

/** Far above anything useful; keeps a slip of the keyboard from running for hours. */
const mostSteps = 4096;
/** Canvas lengths of real models end at 131,072; more is a slip. */
const mostTokens = 131_072;

type Fields = Readonly<Record<string, unknown>>;

/** @throws LacunaError `badInput` for parts, `badUsage` for options. */
export function checkFillParams(params: unknown): FillParams {
  const fields = asObject(params, 'params', 'badInput');
  if (!Array.isArray(fields.parts)) throw wrong('badInput', 'parts', fields.parts, 'be a list');
  const parts = fields.parts.map(checkPart);
  if (!parts.some((part) => 'gap' in part)) {
    throw wrong('badInput', 'parts', parts, 'hold at least one gap');
  }
  const { priority } = fields;
  if (priority !== undefined && !['explicit', 'inline', 'speculative'].includes(String(priority))) {
    throw wrong('badUsage', 'priority', priority, 'be explicit, inline or speculative');
  }
  for (const name of ['languageId', 'progressToken']) {
    const value = fields[name];
    if (value !== undefined && typeof value !== 'string') {
      throw wrong('badUsage', name, value, 'be a string');
    }
  }
  if (fields.sampling !== undefined) checkSampling(fields.sampling);
  return { ...(params as FillParams), parts };
}

/** @throws LacunaError `badUsage` that names the option. */
export function checkSampling(sampling: unknown): SamplingOptions {
  const fields = asObject(sampling, 'sampling', 'badUsage');
  const { sampler } = fields;
  if (sampler !== undefined && !(typeof sampler === 'string' && Object.hasOwn(samplers, sampler))) {
    throw wrong('badUsage', 'sampler', sampler, `be one of ${samplerNames.join(', ')}`);
  }
  checkInteger(fields, 'steps', 1, mostSteps);
  checkInteger(fields, 'seed', 0, Number.MAX_SAFE_INTEGER);
  checkInteger(fields, 'refreshEvery', 1, mostSteps);
  checkNumber(fields, 'factor', (value) => value > 0, 'be a number above 0');
  checkNumber(fields, 'temperature', (value) => value >= 0, 'be a number from 0');
  checkNumber(fields, 'topP', (value) => value > 0 && value <= 1, 'be a number above 0, at most 1');
  return sampling as SamplingOptions;
}

function checkPart(part: unknown, index: number): Part {
  const name = `parts[${index}]`;
  const fields = asObject(part, name, 'badInput');
  if ('gap' in fields) return { gap: checkGap(fields.gap, `${name}.gap`) };
  if (typeof fields.text === 'string') return { text: fields.text };
  throw wrong('badInput', name, fields, 'hold a text or a gap');
}

function checkGap(gap: unknown, name: string): GapWish {
  const fields = asObject(gap, name, 'badInput');
  if (fields.length !== 'auto' && !isInteger(fields.length, 1, mostTokens)) {
    throw wrong('badUsage', `${name}.length`, fields.length, 'be "auto" or an integer from 1');
  }
  checkInteger(fields, 'maxLength', 1, mostTokens);
  if (fields.singleLine !== undefined && typeof fields.singleLine !== 'boolean') {
    throw wrong('badUsage', `${name}.singleLine`, fields.singleLine, 'be true or false');
  }
  return gap as GapWish;
}

function checkInteger(fields: Fields, name: string, least: number, most: number): void {
  const range = `be an integer from ${least} to ${most}`;
  checkNumber(fields, name, (value) => isInteger(value, least, most), range);
}

function checkNumber(
  fields: Fields,
  name: string,
  isRight: (value: number) => boolean,
  rule: string,
): void {
  const value = fields[name];
  if (value === undefined) return;
  if (typeof value !== 'number' || !Number.isFinite(value) || !isRight(value)) {
    throw wrong('badUsage', name, value, rule);
  }
}

function isInteger(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function asObject(value: unknown, name: string, code: 'badInput' | 'badUsage'): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw wrong(code, name, value, 'be an object');
}

function wrong(
  code: 'badInput' | 'badUsage',
  name: string,
  value: unknown,
  rule: string,
): LacunaError {
  return new LacunaError(code, {
    doing: 'Cannot fill',
    found: `${name} is ${show(value)}`,
    advice: `It must ${rule}`,
  });
}

/** Never the user's code: errors are logged, so only short option values are quoted. */
function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return value.length < 40 ? JSON.stringify(value) : 'a long string';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
