/**
 * What `lacuna fill` does with a run that is over: keeps it where --record says, prints it as code or
 * as one JSON object, and the line of figures. Knows no engine.
 */
import { recordOf, recordText } from '../../protocol/fillRecord';
import type { FillParams, ModelInfo } from '../../protocol/messages';
import { printJson, type Console } from './console';
import { fillAsJson, printCode, summaryOf } from './fillOutput';
import type { Run, RunFlags } from './fillRun';
import { writeResult } from './textFile';

export interface AnswerFlags extends RunFlags {
  readonly record?: string;
}

export async function answer(
  { result, steps }: Run,
  info: ModelInfo,
  params: FillParams,
  flags: AnswerFlags,
  console: Console,
): Promise<void> {
  const { record } = flags;
  if (record !== undefined) {
    await writeResult(record, recordText(recordOf(info, params, result, steps)));
  }
  if (flags.json === true) return printJson(console, fillAsJson(result, info));
  if (!flags.trace) printCode(params.parts, result, console);
  console.err.write(`${summaryOf(result, info)}\n`);
}
