/**
 * The guard at the wire: what came as JSON becomes FillParams, or an error that names the value.
 * Shared by the sampler process and the CLI, so both refuse the same things in the same words.
 * Knows no model: whether a length fits is the sampler's business.
 */
import type {
  DraftWish,
  FillParams,
  GapWish,
  LengthPolicyName,
  Part,
  SamplerName,
  SamplingOptions,
  VariantRank,
} from '../protocol/messages';
import { checkLocks } from './draftLocks';
import { Guard, isInteger } from './guard';

/** Every rule by name; a forgotten one does not compile. */
const samplers: Readonly<Record<SamplerName, true>> = {
  even: true,
  factor: true,
  threshold: true,
  hierarchical: true,
  'topk-mask': true,
  'random-keep': true,
  'cosine-remask': true,
};
export const samplerNames = Object.keys(samplers) as SamplerName[];

const lengthPolicies: Readonly<Record<LengthPolicyName, true>> = {
  model: true,
  'lr-dllm': true,
  cal: true,
};
export const lengthPolicyNames = Object.keys(lengthPolicies) as LengthPolicyName[];

/** Far above anything useful; keeps a slip of the keyboard from running for hours. */
const mostSteps = 4096;
/** Canvas lengths of real models end at 131,072; more is a slip. */
const mostTokens = 131_072;

export const variantRanks: readonly VariantRank[] = ['confidence', 'fit'];
export const mostVariants = 8;
export const growthRange = { least: 0.25, most: 4 } as const;

const guard = new Guard('Cannot fill');

/** @throws LacunaError `badInput` for parts, `badUsage` for options. */
export function checkFillParams(params: unknown): FillParams {
  const fields = guard.object(params, 'params', 'badInput');
  const parts = guard.list(fields.parts, 'parts', 'badInput').map(checkPart);
  if (!parts.some((part) => !('text' in part))) {
    throw guard.wrong('badInput', 'parts', parts, 'hold at least one gap or draft');
  }
  guard.oneOf(fields.priority, 'priority', ['explicit', 'inline', 'speculative']);
  for (const name of ['languageId', 'progressToken', 'instruction']) {
    guard.string(fields[name], name);
  }
  guard.boolean(fields.reuseContext, 'reuseContext');
  guard.boolean(fields.mend, 'mend');
  guard.number(fields.budgetMs, 'budgetMs', (ms) => ms >= 0, 'be a number of milliseconds from 0');
  guard.integer(fields.variants, 'variants', 1, mostVariants);
  guard.oneOf(fields.rank, 'rank', variantRanks);
  if (fields.sampling !== undefined) {
    const { resumes = [] } = checkSampling(fields.sampling);
    if (resumes.length > 0 && Number(fields.variants ?? 1) > 1) {
      throw guard.wrong('badUsage', 'variants', fields.variants, 'be absent in a resumed run');
    }
  }
  return { ...(params as FillParams), parts };
}

/** @throws LacunaError `badUsage` that names the option. */
export function checkSampling(sampling: unknown): SamplingOptions {
  const fields = guard.object(sampling, 'sampling', 'badUsage');
  const integer = (name: string, least: number, most: number) =>
    guard.integer(fields[name], name, least, most);
  const number = (name: string, isRight: (value: number) => boolean, rule: string) =>
    guard.number(fields[name], name, isRight, rule);
  guard.oneOf(fields.sampler, 'sampler', samplerNames);
  guard.oneOf(fields.lengthPolicy, 'lengthPolicy', lengthPolicyNames);
  integer('steps', 1, mostSteps);
  integer('seed', 0, Number.MAX_SAFE_INTEGER);
  integer('refreshEvery', 1, mostSteps);
  number('factor', (value) => value > 0, 'be a number above 0');
  const isShare = (value: number) => value >= 0 && value <= 1;
  number('threshold', isShare, 'be a number from 0 to 1');
  number('temperature', (value) => value >= 0, 'be a number from 0');
  number('topP', (value) => value > 0 && value <= 1, 'be a number above 0, at most 1');
  guard.boolean(fields.constrain, 'constrain');
  if (fields.resumes !== undefined) checkResumes(fields.resumes);
  return sampling as SamplingOptions;
}

function checkResumes(resumes: unknown): void {
  let past = 0;
  for (const [index, resume] of guard.list(resumes, 'resumes', 'badUsage').entries()) {
    const name = `resumes[${index}]`;
    const { fromStep, seed, temperature } = guard.object(resume, name, 'badUsage');
    if (!isInteger(fromStep, past, mostSteps)) {
      const rule = `be an integer from ${past} to ${mostSteps}: resumes are ascending`;
      throw guard.wrong('badUsage', `${name}.fromStep`, fromStep, rule);
    }
    if (!isInteger(seed, 0, Number.MAX_SAFE_INTEGER)) {
      throw guard.wrong('badUsage', `${name}.seed`, seed, 'be an integer from 0');
    }
    const isRight = (value: number) => value >= 0;
    guard.number(temperature, `${name}.temperature`, isRight, 'be a number from 0');
    past = (fromStep as number) + 1;
  }
}

function checkPart(part: unknown, index: number): Part {
  const name = `parts[${index}]`;
  const fields = guard.object(part, name, 'badInput');
  if ('gap' in fields) return { gap: checkGap(fields.gap, `${name}.gap`) };
  if ('draft' in fields) return { draft: checkDraft(fields.draft, `${name}.draft`) };
  if (typeof fields.text === 'string') return { text: fields.text };
  throw guard.wrong('badInput', name, fields, 'hold a text, a gap or a draft');
}

function checkGap(gap: unknown, name: string): GapWish {
  const fields = guard.object(gap, name, 'badInput');
  if (fields.length !== 'auto' && !isInteger(fields.length, 1, mostTokens)) {
    throw guard.wrong(
      'badUsage',
      `${name}.length`,
      fields.length,
      'be "auto" or an integer from 1',
    );
  }
  guard.integer(fields.minLength, `${name}.minLength`, 0, mostTokens);
  guard.integer(fields.maxLength, `${name}.maxLength`, 1, mostTokens);
  guard.boolean(fields.singleLine, `${name}.singleLine`);
  guard.string(fields.contains, `${name}.contains`);
  const { singleLine, contains } = gap as GapWish;
  if (singleLine === true && /[\r\n]/.test(contains ?? '')) {
    throw guard.wrong('badUsage', `${name}.contains`, contains, 'stay on one line with singleLine');
  }
  return gap as GapWish;
}

function checkDraft(draft: unknown, name: string): DraftWish {
  const fields = guard.object(draft, name, 'badInput');
  const { text, strength, order, growth, locks } = fields;
  if (typeof text !== 'string') throw guard.wrong('badInput', `${name}.text`, text, 'be a string');
  const isShare = (value: number) => value >= 0 && value <= 1;
  if (strength === undefined) {
    throw guard.wrong('badUsage', `${name}.strength`, strength, 'be a number from 0 to 1');
  }
  guard.number(strength, `${name}.strength`, isShare, 'be a number from 0 to 1');
  guard.oneOf(order, `${name}.order`, ['least-confident', 'random']);
  const { least, most } = growthRange;
  const isGrowth = (value: number) => value >= least && value <= most;
  guard.number(growth, `${name}.growth`, isGrowth, `be a number from ${least} to ${most}`);
  if (locks !== undefined) checkLocks(locks, text, `${name}.locks`, guard);
  return draft as DraftWish;
}
