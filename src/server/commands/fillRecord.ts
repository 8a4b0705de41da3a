/**
 * What `lacuna fill --replay` asks of a kept run (src/protocol/fillRecord.ts is the format): whether it
 * is one, whether it is this model's, and where two runs part. Pure: objects in, objects out.
 */
import { LacunaError } from '../../protocol/errors';
import { recordVersion, type FillRecord } from '../../protocol/fillRecord';
import type { FillStep, ModelInfo } from '../../protocol/messages';

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

/** Where two runs part up to a step, the masked canvas included. */
export function firstDifferenceUntil(
  step: number,
  before: readonly FillStep[],
  now: readonly FillStep[],
): string | undefined {
  return differenceAt('steps', before.slice(0, step + 1), now.slice(0, step + 1));
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
