/**
 * `lacuna fill --replay FILE`: runs a kept request again, with the model that is named now, and says
 * whether every step and the result are what they were. Fails when they are not.
 */
import { recordOf } from '../../protocol/fillRecord';
import { printJson, type Console } from './console';
import { count } from './fillOutput';
import { cannotReplay, checkRecord, checkSameModel, firstDifference } from './fillRecord';
import { run, type RunFlags } from './fillRun';
import type { ModelFlags } from './samplingFlags';
import { readJson } from './textFile';
import { withSampler } from './withSampler';

export async function replay(
  file: string,
  flags: ModelFlags & RunFlags,
  console: Console,
): Promise<void> {
  const record = checkRecord(await readJson(file), file);
  await withSampler(flags, console, async (engine, info) => {
    checkSameModel(record, info, file);
    const { result, steps } = await run(engine, record.params, flags, console);
    const difference = firstDifference(record, recordOf(info, record.params, result, steps));
    const isIdentical = difference === undefined;
    if (flags.json === true) {
      printJson(console, { identical: isIdentical, ...(!isIdentical && { difference }) });
    }
    if (!isIdentical) {
      const { version, model } = record;
      const advice = `The record is of Lacuna ${version} on ${model.device}; compare with that`;
      throw cannotReplay(file, difference, advice);
    }
    if (flags.json === true) return;
    const amount = `${count(steps.length - 1, 'step')}, ${count(result.fills.length, 'fill')}`;
    console.out.write(`identical: ${amount} (${info.name} on ${info.device})\n`);
  });
}
