/**
 * `lacuna eval infilling`: pass@1 and exact match over HumanEval-Infilling tasks. One fill a task;
 * it passes when the whole program runs in the sandbox. Last line of the output: one JSON object.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { isAbort, LacunaError } from '../../protocol/errors';
import { constantFiller, modelFiller, type Filler } from '../evaluation/filler';
import { Sandbox, type Verdict } from '../evaluation/sandbox';
import { programOf, readTasks, spread, type InfillingTask } from '../evaluation/tasks';
import { printJson, type Console } from './console';
import { progressBar } from './progressBar';
import {
  addModelFlags,
  addSamplingFlags,
  integerFrom,
  samplingOf,
  type ModelFlags,
  type SamplingFlags,
} from './samplingFlags';
import { withEngine } from './withEngine';

interface EvalFlags extends ModelFlags, SamplingFlags {
  readonly data: string;
  readonly limit?: number;
  readonly length: 'oracle' | 'auto';
  readonly constant?: string;
  readonly out?: string;
}

/** One line of --out. */
interface TaskResult extends Verdict {
  readonly task: string;
  readonly fill: string;
  readonly gold: string;
  readonly passed: boolean;
  readonly exactMatch: boolean;
  readonly tokens?: number;
  readonly confidence?: number;
  readonly forwards: number;
  readonly elapsedMs: number;
}

export function evalCommand(console: Console): Command {
  const infilling = new Command('infilling')
    .description('pass@1 over HumanEval-Infilling tasks; programs run in a sandbox (needs python3)')
    .requiredOption('--data <file>', 'tasks, .jsonl or .jsonl.gz')
    .option('--limit <n>', 'only so many tasks, spread evenly over the file', integerFrom(1))
    .addOption(
      new Option('--length <protocol>', 'gap length: the gold one, or found by the model')
        .choices(['oracle', 'auto'])
        .default('auto'),
    )
    .option('--constant <text>', 'fill this text instead of asking a model (a baseline)')
    .option('--out <file>', 'write one JSON line a task');
  addSamplingFlags(addModelFlags(infilling)).action((flags: EvalFlags) => evaluate(flags, console));
  return new Command('eval').description('measure a model').addCommand(infilling);
}

async function evaluate(flags: EvalFlags, console: Console): Promise<void> {
  const tasks = spread(await readTasks(flags.data), flags.limit ?? Infinity);
  if (flags.constant !== undefined) {
    return runTasks(tasks, constantFiller(flags.constant), flags, console);
  }
  await withEngine(flags, console, (engine) =>
    runTasks(tasks, modelFiller(engine, flags.length, samplingOf(flags)), flags, console),
  );
}

async function runTasks(
  tasks: readonly InfillingTask[],
  filler: Filler,
  flags: EvalFlags,
  console: Console,
): Promise<void> {
  const sandbox = await Sandbox.start();
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
      const passed = results.filter((each) => each.passed).length;
      bar.update(results.length / tasks.length, `${passed} of ${results.length} passed`);
    }
  } finally {
    bar.stop();
    sandbox.dispose();
    out?.end();
  }
  await written;
  printJson(console, summary(results));
}

async function runTask(
  task: InfillingTask,
  filler: Filler,
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<TaskResult> {
  const gold = task.canonical_solution;
  const common = { task: task.task_id, gold };
  try {
    const { text, elapsedMs, ...figures } = await filler(task, signal);
    const { outcome, detail } = await sandbox.run(programOf(task, text));
    return {
      ...common,
      fill: text,
      outcome,
      detail,
      passed: outcome === 'passed',
      exactMatch: text.trim() === gold.trim(),
      ...figures,
      elapsedMs: Math.round(elapsedMs),
    };
  } catch (thrown) {
    // A task that the model cannot hold is a task not passed; everything else ends the run.
    if (isAbort(thrown) || !(thrown instanceof LacunaError) || thrown.code !== 'contextTooLong') {
      throw thrown;
    }
    const failed = { passed: false, exactMatch: false, forwards: 0, elapsedMs: 0 };
    return { ...common, ...failed, fill: '', outcome: 'failed', detail: thrown.message };
  }
}

function write(out: WriteStream | undefined, result: TaskResult): void {
  out?.write(`${JSON.stringify(result)}\n`);
}

function summary(results: readonly TaskResult[]): object {
  const count = (holds: (result: TaskResult) => boolean) => results.filter(holds).length;
  const mean = (figure: (result: TaskResult) => number) =>
    results.reduce((sum, result) => sum + figure(result), 0) / results.length;
  const passed = count((result) => result.passed);
  return {
    tasks: results.length,
    passed,
    passAt1: round(passed / results.length, 4),
    exactMatch: round(count((result) => result.exactMatch) / results.length, 4),
    meanForwards: round(
      mean((result) => result.forwards),
      2,
    ),
    meanMs: round(
      mean((result) => result.elapsedMs),
      1,
    ),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
