/**
 * Infilling tasks in HumanEval-Infilling's fields: one JSON object a line, gzip by the first bytes.
 * With tests, a fill passes when the program around it runs; without them, as where the gaps lie in
 * somebody's package, only the exact text counts. Knows no model.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LacunaError } from '../../protocol/errors';
import { readBytes } from '../commands/textFile';

export interface InfillingTask {
  readonly task_id: string;
  /** Text before the gap. */
  readonly prompt: string;
  /** Text after the gap. */
  readonly suffix: string;
  /** What stood in the gap. */
  readonly canonical_solution: string;
  /** VS Code's language id. */
  readonly language: string;
  /** What `check` is given; there with `test` or not at all. */
  readonly entry_point?: string;
  /** Python that defines `check(candidate)`. */
  readonly test?: string;
}

export type TestedTask = InfillingTask & Required<Pick<InfillingTask, 'entry_point' | 'test'>>;

const always = [
  'task_id',
  'prompt',
  'suffix',
  'canonical_solution',
] as const satisfies readonly (keyof InfillingTask)[];

/** The benchmark's own files do not say it. */
const defaultLanguage = 'python';

/** @throws LacunaError `badInput` that names the line. */
export async function readTasks(file: string): Promise<InfillingTask[]> {
  const bytes = await readBytes(file);
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = (isZipped ? await unzip(file, bytes) : bytes).toString('utf8');
  const lines = text.split('\n').map((line) => line.trim());
  const tasks = lines.flatMap((line, index) =>
    line === '' ? [] : [parseTask(line, index + 1, file)],
  );
  if (tasks.length === 0) throw cannotRead(file, 'it holds no tasks', anyTasks);
  return tasks;
}

export function isTested(task: InfillingTask): task is TestedTask {
  return task.test !== undefined;
}

/** `limit` tasks spread evenly over all: the files are sorted by problem. */
export function spread<T>(all: readonly T[], limit: number): T[] {
  if (limit >= all.length) return [...all];
  return Array.from(
    { length: limit },
    (_, index) => all[Math.floor((index * all.length) / limit)]!,
  );
}

/** The whole program that a fill makes. */
export function programOf(task: TestedTask, fill: string): string {
  const { prompt, suffix, test, entry_point: entryPoint } = task;
  return `${prompt}${fill}${suffix}\n${test}\ncheck(${entryPoint})\n`;
}

function parseTask(line: string, number: number, file: string): InfillingTask {
  const wrong = (found: string, advice: string) =>
    cannotRead(file, `line ${number} ${found}`, advice);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw wrong('is not JSON', anyTasks);
  }
  // null stands for absent: writers of tables put it where a column has no value.
  const entries = Object.entries(value ?? {}).filter(([, field]) => field !== null);
  const fields = Object.fromEntries(entries) as { readonly [name: string]: unknown };
  const missing = always.filter((name) => typeof fields[name] !== 'string');
  if (missing.length > 0) {
    const names = missing.map((name) => `"${name}"`).join(', ');
    throw wrong(`has no ${names}`, `Give every task the strings ${quoted(always)}`);
  }
  const { language = defaultLanguage } = fields;
  if (!isLanguageId(language)) {
    const shown = JSON.stringify(language).slice(0, 40);
    const advice = 'Give a language id of VS Code, such as "typescript", or none for Python';
    throw wrong(`has the language ${shown}`, advice);
  }
  const task = { ...(fields as unknown as InfillingTask), language };
  checkTests(task, wrong);
  return task;
}

/** Half a test must not pass for none: the score would silently be another one. */
function checkTests(
  { test, entry_point: entryPoint, language }: InfillingTask,
  wrong: (found: string, advice: string) => LacunaError,
): void {
  if (test === undefined && entryPoint === undefined) return;
  const missing = [!isGiven(test) && 'test', !isGiven(entryPoint) && 'entry_point'].find(Boolean);
  if (missing) {
    const advice = 'Give both "test" and "entry_point", or neither to score the exact text only';
    throw wrong(`is a task with tests, but has no "${missing}"`, advice);
  }
  if (language !== 'python') {
    const advice = 'Leave "test" and "entry_point" out to score the exact text only';
    throw wrong(`has tests in the language "${language}", and only Python can be run`, advice);
  }
}

function isGiven(field: unknown): boolean {
  return typeof field === 'string' && field.trim() !== '';
}

/** In small letters, as all of them are: "TypeScript" would silently be no language to a model. */
function isLanguageId(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9+#_.-]*$/.test(value);
}

function quoted(names: readonly string[]): string {
  const all = names.map((name) => `"${name}"`);
  return `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

async function unzip(file: string, bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes);
  } catch {
    throw cannotRead(file, 'its gzip data are damaged', 'Make or download the file again');
  }
}

const anyTasks = 'Give a file with one JSON object a line (.jsonl or .jsonl.gz)';

function cannotRead(file: string, found: string, advice: string): LacunaError {
  return new LacunaError('badInput', {
    doing: `Cannot read the tasks of "${file}"`,
    found,
    advice,
  });
}
