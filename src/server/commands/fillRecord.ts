/**
 * `lacuna fill --record` and `--replay`: a run as a file that others can repeat. It holds what was
 * asked, of which model, every step and the result; no times, for they never repeat. Pure: objects
 * in, objects out.
 */
import { version } from '../../../package.json';
import { LacunaError } from '../../protocol/errors';
import type { FillParams, FillResult, FillStep, ModelInfo } from '../../protocol/messages';

/** Raised when older records could no longer be read rightly. */
const recordVersion = 1;

export interface FillRecord {
  readonly lacunaRecord: number;
  /** Of Lacuna. */
  readonly version: string;
  readonly model: Pick<ModelInfo, 'name' | 'weights' | 'device'>;
  readonly params: FillParams;
  readonly result: RecordedResult;
  readonly steps: readonly FillStep[];
}

type RecordedResult = Pick<FillResult, 'fills' | 'alternatives' | 'steps' | 'forwards'>;

export function recordOf(
  { name, weights, device }: ModelInfo,
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

/** @throws LacunaError `badInput` for a file that is no record; its params are checked later. */
export function checkRecord(value: unknown, file: string): FillRecord {
  const record = (value ?? {}) as Partial<FillRecord>;
  const found =
    record.lacunaRecord === undefined
      ? 'it is no record of a fill'
      : record.lacunaRecord !== recordVersion
        ? `it has version ${record.lacunaRecord} of the format, this release reads ${recordVersion}`
        : [record.params, record.result, record.model, record.steps].includes(undefined)
          ? 'a part of it is missing'
          : undefined;
  if (found === undefined) return record as FillRecord;
  throw cannotReplay(file, found, 'Give a file that "lacuna fill --record" wrote');
}

/** @throws LacunaError `badInput` when another model is loaded than the record's. */
export function checkSameModel({ model }: FillRecord, info: ModelInfo, file: string): void {
  if (model.name === info.name && model.weights === info.weights) return;
  const found = `it was made with ${model.name} (${model.weights}), not ${info.name} (${info.weights})`;
  throw cannotReplay(file, found, 'Name that model with --model');
}

/** Where two runs part, or undefined where they do not. */
export function firstDifference(before: FillRecord, now: FillRecord): string | undefined {
  return (
    differenceAt('steps', before.steps, now.steps) ??
    differenceAt('result', before.result, now.result)
  );
}

/** Confidences of two machines differ by rounding; tokens and their order may not. */
const tolerance = 1e-4;

function differenceAt(path: string, before: unknown, now: unknown): string | undefined {
  if (typeof before === 'number' && typeof now === 'number') {
    const isConfidence = path.endsWith('.confidence');
    const isEqual = isConfidence ? Math.abs(before - now) <= tolerance : before === now;
    return isEqual ? undefined : `${path} is ${now}, was ${before}`;
  }
  if (typeof before === 'object' && typeof now === 'object' && before !== null && now !== null) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    const isList = Array.isArray(before);
    for (const key of keys) {
      const difference = differenceAt(
        isList ? `${path}[${key}]` : `${path}.${key}`,
        (before as Record<string, unknown>)[key],
        (now as Record<string, unknown>)[key],
      );
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return before === now
    ? undefined
    : `${path} is ${JSON.stringify(now)}, was ${JSON.stringify(before)}`;
}

export function cannotReplay(file: string, found: string, advice: string): LacunaError {
  return new LacunaError('badInput', { doing: `Cannot repeat "${file}"`, found, advice });
}
