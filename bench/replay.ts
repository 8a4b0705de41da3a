/**
 * Typing replay: lines that people really typed, as gaps in the text as it stood. How many fills are the line
 * that was typed, and how many of those that are sure enough. Knows nothing of the editor.
 *
 * node bench/run.mjs replay --data FILE.tasks.jsonl.gz [--data ...] [--model DIR] [--kind rest|line]
 *   [--limit TASKS_OF_EACH] [--free] [--out FILE.jsonl]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Engine } from '../src/server/engine';
import { describeMachine } from './support/machine';

interface ReplayTask {
  readonly task_id: string;
  /** The whole line behind its indentation, or the rest of it from some character on. */
  readonly kind: 'line' | 'rest';
  readonly language: string;
  readonly prompt: string;
  readonly suffix: string;
  readonly canonical_solution: string;
}

interface Row {
  readonly task: string;
  readonly kind: ReplayTask['kind'];
  readonly language: string;
  readonly gold: string;
  readonly fill: string;
  readonly exact: boolean;
  readonly suits: boolean;
  readonly confidence: number;
  readonly forwards: number;
  readonly ms: number;
}

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', multiple: true },
    model: { type: 'string', default: 'dist/model' },
    kind: { type: 'string' },
    limit: { type: 'string', default: '1000' },
    /** Nothing is asked of a gap by the code around it. */
    free: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});

const thresholds = [0.5, 0.6, 0.7, 0.8, 0.9] as const;

async function main(): Promise<void> {
  if (!options.data) throw new Error('Cannot replay: give --data FILE.tasks.jsonl.gz');
  const tasks = options.data.flatMap((file) => spread(readTasks(file), Number(options.limit)));
  const engine = new Engine();
  const { name } = await engine.load({ modelDir: path.resolve(options.model), device: 'cpu' });
  const rows: Row[] = [];
  for (const task of tasks) rows.push(await replay(task, engine));
  await engine.dispose();
  if (options.out)
    writeFileSync(options.out, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const kinds = (['rest', 'line'] as const).filter((kind) => rows.some((row) => row.kind === kind));
  const figures = Object.fromEntries(
    kinds.map((kind) => [kind, figuresOf(rows.filter((row) => row.kind === kind))]),
  );
  for (const [kind, { exactPercent, shown, ...rest }] of Object.entries(figures)) {
    console.log(
      `${kind}: ${exactPercent} % of ${rest.tasks} exact, ${rest.forwards} forwards, ${rest.medianMs} ms`,
    );
    const cells = shown.map((s) => `${s.threshold}: ${s.right} of ${s.count}`);
    console.log(`  sure enough, and right: ${cells.join(', ')}`);
  }
  console.log(
    JSON.stringify({
      bench: 'replay',
      ...describeMachine(),
      model: name,
      free: options.free,
      ...figures,
    }),
  );
}

async function replay(task: ReplayTask, engine: Engine): Promise<Row> {
  const start = performance.now();
  const { fills, forwards } = await engine.fill({
    parts: [
      { text: task.prompt },
      { gap: { length: 'auto', singleLine: true } },
      { text: task.suffix },
    ],
    languageId: task.language,
    sampling: { constrain: !options.free },
  });
  const [{ text, confidence, misfit }] = fills as [(typeof fills)[number]];
  return {
    ...{ task: task.task_id, kind: task.kind, language: task.language },
    ...{ gold: task.canonical_solution, fill: text },
    exact: firstLine(text) === firstLine(task.canonical_solution),
    suits: misfit === undefined,
    confidence: Math.round(1000 * confidence) / 1000,
    forwards,
    ms: Math.round(performance.now() - start),
  };
}

/** Without trailing blanks, which nobody sees. */
function firstLine(text: string): string {
  return text.split('\n')[0]!.trimEnd();
}

function figuresOf(rows: readonly Row[]) {
  const percent = (count: number) => Math.round((1000 * count) / rows.length) / 10;
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const shown = thresholds.map((threshold) => {
    const sure = rows.filter((row) => row.suits && row.confidence >= threshold);
    return { threshold, count: sure.length, right: sure.filter((row) => row.exact).length };
  });
  return {
    tasks: rows.length,
    exactPercent: percent(rows.filter((row) => row.exact).length),
    forwards: Math.round(10 * mean(rows.map((row) => row.forwards))) / 10,
    medianMs: rows.map((row) => row.ms).toSorted((a, b) => a - b)[rows.length >> 1],
    shown,
  };
}

function readTasks(file: string): ReplayTask[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n');
  const tasks = lines.map((line) => JSON.parse(line) as ReplayTask);
  return options.kind === undefined ? tasks : tasks.filter(({ kind }) => kind === options.kind);
}

function spread<T>(all: readonly T[], limit: number): T[] {
  if (limit >= all.length) return [...all];
  return Array.from({ length: limit }, (_, i) => all[Math.floor((i * all.length) / limit)]!);
}

void main();
