/**
 * `lacuna fill --replay FILE --from-step K --seed N`: a kept run goes on from the canvas as it stood
 * after step K, with other random numbers. The steps up to there are made again, and must come out as
 * they were kept; the rest is a new run, printed and kept like any other.
 */
import { LacunaError } from '../../protocol/errors';
import { resumedParams, temperatureOf, type FillRecord } from '../../protocol/fillRecord';
import type { Console } from './console';
import { answer, type AnswerFlags } from './fillAnswer';
import { cannotReplay, checkRecord, checkSameModel, firstDifferenceUntil } from './fillRecord';
import { run } from './fillRun';
import type { ModelFlags, SamplingFlags } from './samplingFlags';
import { readJson } from './textFile';
import { withSampler } from './withSampler';

export interface ResumeFlags
  extends ModelFlags, AnswerFlags, Pick<SamplingFlags, 'seed' | 'temperature'> {
  readonly fromStep: number;
}

export async function resume(file: string, flags: ResumeFlags, console: Console): Promise<void> {
  const { fromStep, seed, temperature } = flags;
  if (seed === undefined) {
    throw cannotResume('no seed was given', 'Say with --seed which numbers to go on with');
  }
  const record = checkRecord(await readJson(file), file);
  checkStep(record, fromStep);
  const params = resumedParams(record.params, {
    fromStep,
    seed,
    ...(temperature !== undefined && { temperature }),
  });
  if ((temperatureOf(params) ?? 0) === 0) {
    console.err.write('At temperature 0 another seed changes nothing; give --temperature.\n');
  }
  await withSampler(flags, console, async (engine, info) => {
    checkSameModel(record, info, file);
    const made = await run(engine, params, flags, console);
    const difference = firstDifferenceUntil(fromStep, record.steps, made.steps);
    if (difference !== undefined) {
      const { version, model } = record;
      const advice = `The record is of Lacuna ${version} on ${model.device}; resume it with that`;
      throw cannotReplay(file, difference, advice);
    }
    await answer(made, info, params, flags, console);
  });
}

function checkStep({ steps }: FillRecord, fromStep: number): void {
  const last = steps.length - 1;
  if (fromStep < last) return;
  throw cannotResume(
    `the run has ${last} steps, and from step ${fromStep} on nothing is left to do`,
    last > 0 ? `Give a step from 0 to ${last - 1}` : 'Keep another run',
  );
}

function cannotResume(found: string, advice: string): LacunaError {
  return new LacunaError('badUsage', { doing: 'Cannot resume', found, advice });
}
