/**
 * A run as a file that others can repeat: what was asked, of which model, every step and the result;
 * no times, for they never repeat. `lacuna fill --record` and the editor's export write it, `lacuna
 * fill --replay` reads it. Also the request that resumes a run. Pure: objects in, objects out.
 */
import { version } from '../../package.json';
import type { FillParams, FillResult, FillStep, ModelInfo, Resume } from './messages';

/** Raised when older records could no longer be read rightly. */
export const recordVersion = 1;

export interface FillRecord {
  readonly lacunaRecord: number;
  /** Of Lacuna. */
  readonly version: string;
  readonly model: Pick<ModelInfo, 'name' | 'weights' | 'device'>;
  readonly params: FillParams;
  readonly result: RecordedResult;
  readonly steps: readonly FillStep[];
}

export type RecordedResult = Pick<FillResult, 'fills' | 'alternatives' | 'steps' | 'forwards'>;

export function recordOf(
  { name, weights, device }: FillRecord['model'],
  params: FillParams,
  result: RecordedResult,
  steps: readonly FillStep[],
): FillRecord {
  const { fills, alternatives, forwards } = result;
  return {
    lacunaRecord: recordVersion,
    version,
    model: { name, weights, device },
    params,
    result: { fills, ...(alternatives && { alternatives }), steps: result.steps, forwards },
    steps,
  };
}

/** As it is written into a file. */
export function recordText(record: FillRecord): string {
  return `${JSON.stringify(record, null, 1)}\n`;
}

/** Whether the request alone says what comes out: it takes no context of another one and has no clock. */
export function isRepeatable({ reuseContext, budgetMs }: FillParams): boolean {
  return reuseContext !== true && budgetMs === undefined;
}

/**
 * The same request, resumed; what an earlier resume changed after that step is gone with those steps.
 * Variants are left out: they differ from the first one by their seeds alone, and so does this. So is
 * what makes a request unrepeatable: the steps up to the one that is resumed from are made again.
 */
export function resumedParams(params: FillParams, resume: Resume): FillParams {
  const { variants: _, reuseContext: _reuse, budgetMs: _budget, ...single } = params;
  const before = (params.sampling?.resumes ?? []).filter((r) => r.fromStep < resume.fromStep);
  return { ...single, sampling: { ...params.sampling, resumes: [...before, resume] } };
}

/** Temperature at which a run's last steps were drawn; undefined: the sampler's default, 0. */
export function temperatureOf({ sampling }: FillParams): number | undefined {
  const changed = sampling?.resumes?.findLast(({ temperature }) => temperature !== undefined);
  return changed?.temperature ?? sampling?.temperature;
}
