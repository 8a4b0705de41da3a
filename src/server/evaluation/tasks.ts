/**
 * HumanEval-Infilling's files: one JSON object a line, gzip by the name's ending. A fill passes when
 * the program around it runs. Knows no model.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { LacunaError } from '../../protocol/errors';
import { readBytes } from '../commands/textFile';

export interface InfillingTask {
  readonly task_id: string;
  readonly entry_point: string;
  /** Text before the gap. */
  readonly prompt: string;
  /** Text after the gap. */
  readonly suffix: string;
  /** What stood in the gap. */
  readonly canonical_solution: string;
  /** Python that defines `check(candidate)`. */
  readonly test: string;
}

const fields = [
  'task_id',
  'entry_point',
  'prompt',
  'suffix',
  'canonical_solution',
  'test',
] as const satisfies readonly (keyof InfillingTask)[];

/** @throws LacunaError `badInput` that names the line. */
export async function readTasks(file: string): Promise<InfillingTask[]> {
  const bytes = await readBytes(file);
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const text = (isZipped ? await unzip(file, bytes) : bytes).toString('utf8');
  const lines = text.split('\n').map((line) => line.trim());
  const tasks = lines.flatMap((line, index) =>
    line === '' ? [] : [parseTask(line, index + 1, file)],
  );
  if (tasks.length === 0) throw cannotRead(file, 'it holds no tasks');
  return tasks;
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
export function programOf(task: InfillingTask, fill: string): string {
  const { prompt, suffix, test, entry_point: entryPoint } = task;
  return `${prompt}${fill}${suffix}\n${test}\ncheck(${entryPoint})\n`;
}

function parseTask(line: string, number: number, file: string): InfillingTask {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw cannotRead(file, `line ${number} is not JSON`);
  }
  const task = (value ?? {}) as { readonly [name: string]: unknown };
  const missing = fields.find((name) => typeof task[name] !== 'string');
  if (missing !== undefined) throw cannotRead(file, `line ${number} has no "${missing}"`);
  return value as InfillingTask;
}

async function unzip(file: string, bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes);
  } catch {
    throw cannotRead(file, 'its gzip data are damaged');
  }
}

function cannotRead(file: string, found: string): LacunaError {
  return new LacunaError('badInput', {
    doing: `Cannot read the tasks of "${file}"`,
    found,
    advice: 'Give a HumanEval-Infilling file (.jsonl or .jsonl.gz)',
  });
}
