/**
 * `lacuna eval infilling`: one fill a task, scored by pass@1 where the task has tests, which run in
 * the sandbox, and by exact match everywhere. Last line of the output: one JSON object. What is in
 * it is report.ts's business; what a gap is given, filler.ts's.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { isAbort, LacunaError } from '../../protocol/errors';
import type { VariantRank } from '../../protocol/messages';
import { mostVariants } from '../fillParams';
import {
  constantFiller,
  modelFiller,
  type Filler,
  type LengthProtocol,
} from '../evaluation/filler';
import { isRight, progressText, reportOf, type TaskResult } from '../evaluation/report';
import { Sandbox } from '../evaluation/sandbox';
import { isTested, programOf, readTasks, spread, type InfillingTask } from '../evaluation/tasks';
import { printJson, type Console } from './console';
import { progressBar } from './progressBar';
import {
  addModelFlags,
  addSamplingFlags,
  integerFrom,
  rankOption,
  samplingOf,
  type ModelFlags,
  type SamplingFlags,
} from './samplingFlags';
import { checkOutput } from './textFile';
import { withEngine } from './withEngine';

interface EvalFlags extends ModelFlags, SamplingFlags {
  readonly data: string;
  readonly limit?: number;
  readonly length: LengthProtocol;
  readonly constant?: string;
  readonly variants: number;
  readonly rank: VariantRank;
  readonly out?: string;
}

export function evalCommand(console: Console): Command {
  const infilling = new Command('infilling')
    .description(
      'exact match over infilling tasks, and pass@1 where they have tests (needs python3)',
    )
    .requiredOption(
      '--data <file>',
      'tasks in the fields of HumanEval-Infilling, .jsonl or .jsonl.gz',
    )
    .option('--limit <n>', 'only so many tasks, spread evenly over the file', integerFrom(1))
    .option(
      '--length <protocol>',
      'gap length: oracle (the gold one), auto (found), or so many tokens',
      parseProtocol,
      'auto' as const,
    )
    .option('--constant <text>', 'fill this text instead of asking a model (a baseline)')
    .option(
      '--variants <n>',
      'draw so many fills for a task and keep the best',
      integerFrom(1, mostVariants),
      1,
    )
    .addOption(rankOption().default('confidence'))
    .option('--out <file>', 'write one JSON line a task');
  addSamplingFlags(addModelFlags(infilling)).action((flags: EvalFlags) => evaluate(flags, console));
  return new Command('eval').description('measure a model').addCommand(infilling);
}

function parseProtocol(text: string): LengthProtocol {
  if (text === 'oracle' || text === 'auto') return text;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be "oracle", "auto" or an integer from 1.');
}

async function evaluate(flags: EvalFlags, console: Console): Promise<void> {
  const tasks = spread(await readTasks(flags.data), flags.limit ?? Infinity);
  if (flags.out !== undefined) await checkOutput(flags.out);
  if (flags.constant !== undefined) {
    return runTasks(tasks, constantFiller(flags.constant), flags, console);
  }
  await withEngine(flags, console, (engine) =>
    runTasks(
      tasks,
      modelFiller(engine, flags.length, samplingOf(flags), flags.variants, flags.rank),
      flags,
      console,
    ),
  );
}

async function runTasks(
  tasks: readonly InfillingTask[],
  filler: Filler,
  flags: EvalFlags,
  console: Console,
): Promise<void> {
  const sandbox = tasks.some(isTested) ? await Sandbox.start() : undefined;
  const out = flags.out === undefined ? undefined : createWriteStream(flags.out);
  const written = out && finished(out);
  const bar = progressBar(console, 'Tasks');
  const results: TaskResult[] = [];
  try {
    for (const task of tasks) {
      console.signal.throwIfAborted();
      const result = await runTask(task, filler, sandbox, console.signal);
      results.push(result);
      write(out, result);
      bar.update(results.length / tasks.length, progressText(results));
    }
  } finally {
    bar.stop();
    sandbox?.dispose();
    out?.end();
  }
  await written;
  printJson(console, reportOf(results, flags.length !== 'oracle'));
}

async function runTask(
  task: InfillingTask,
  filler: Filler,
  sandbox: Sandbox | undefined,
  signal: AbortSignal,
): Promise<TaskResult> {
  const gold = task.canonical_solution;
  const common = { task: task.task_id, language: task.language, gold };
  try {
    const { text, others, elapsedMs, ...figures } = await filler(task, signal);
    const judged = await judge(task, text, sandbox);
    let anyRight = isRight(judged);
    for (const other of others) anyRight ||= isRight(await judge(task, other, sandbox));
    return {
      ...common,
      fill: text,
      ...judged,
      ...(others.length > 0 && { anyRight }),
      ...figures,
      elapsedMs: Math.round(elapsedMs),
    };
  } catch (thrown) {
    // A task that the model cannot hold is a task not passed; everything else ends the run.
    if (isAbort(thrown) || !(thrown instanceof LacunaError) || thrown.code !== 'contextTooLong') {
      throw thrown;
    }
    const passed = isTested(task) ? false : null;
    const failed = { passed, exactMatch: false, forwards: 0, elapsedMs: 0 };
    return { ...common, ...failed, fill: '', outcome: 'failed', detail: thrown.message };
  }
}

async function judge(task: InfillingTask, fill: string, sandbox: Sandbox | undefined) {
  const verdict = isTested(task) ? await sandbox!.run(programOf(task, fill)) : undefined;
  const exactMatch = fill.trim() === task.canonical_solution.trim();
  const passed = verdict === undefined ? null : verdict.outcome === 'passed';
  return { ...verdict, passed, exactMatch };
}

function write(out: WriteStream | undefined, result: TaskResult): void {
  out?.write(`${JSON.stringify(result)}\n`);
}
