/**
 * Does filling linked gaps together help? Functions with two to four gaps, a name defined in the
 * first and used in the others, filled jointly, one after another, and each alone. Prints a table,
 * then one JSON line. Knows nothing of speed comparisons between machines; forwards are counted.
 *
 * node bench/run.mjs joint --data linked.jsonl.gz [--model DIR] [--length auto|oracle] [--limit N] [--free]
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { spawnSync } from 'node:child_process';
import { transformSync } from 'esbuild';
import type { FillParams, Part } from '../src/protocol/messages';
import { Engine } from '../src/server/engine';

/** What training/linked_tasks.py writes. */
interface LinkedTask {
  readonly task_id: string;
  readonly language: 'python' | 'javascript' | 'typescript';
  /** Defined in the first gap, used in the others. */
  readonly name: string;
  readonly parts: readonly ({ readonly text: string } | { readonly gold: string })[];
}

interface Filled {
  readonly fills: readonly string[];
  readonly forwards: number;
  readonly ms: number;
}

interface Score {
  tasks: number;
  gaps: number;
  /** Tasks whose first fill defines a name that every other fill uses. */
  agree: number;
  /** The same, the name being the one that was there. */
  agreeOnGold: number;
  exactGaps: number;
  exactTasks: number;
  valid: number;
  forwards: number;
  ms: number;
}

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', default: 'dist/model' },
    length: { type: 'string', default: 'auto' },
    limit: { type: 'string', default: '1000' },
    /** Nothing is asked of a gap by the code around it. */
    free: { type: 'boolean', default: false },
  },
});

const ways = {
  jointly: fillJointly,
  'one after another': fillOneByOne(true),
  'each alone': fillOneByOne(false),
} as const;

async function main(): Promise<void> {
  if (!options.data) throw new Error('Cannot compare: give --data (training/linked_tasks.py)');
  const text = gunzipSync(readFileSync(options.data)).toString('utf8');
  const tasks = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LinkedTask);
  const drawn = spread(tasks, Number(options.limit));
  const engine = new Engine();
  const { name } = await engine.load({ modelDir: path.resolve(options.model), device: 'cpu' });
  const scores: Record<string, Score> = {};
  for (const [way, fill] of Object.entries(ways)) {
    const score = emptyScore();
    for (const task of drawn) add(score, task, await fill(task, engine));
    scores[way] = score;
    console.log(lineOf(way, score));
  }
  const gold = emptyScore();
  for (const task of drawn) add(gold, task, { fills: goldsOf(task), forwards: 0, ms: 0 });
  console.log(lineOf('what was there', gold));
  console.log(
    JSON.stringify({ model: name, length: options.length, free: options.free, ...scores, gold }),
  );
  await engine.dispose();
}

/** All gaps on one canvas. */
function fillJointly(task: LinkedTask, engine: Engine): Promise<Filled> {
  return run(task, engine, (part) => gapFor(part.gold, engine));
}

/** A gap at a time, those still to come empty; those before as they were filled where `seesEarlier`. */
function fillOneByOne(seesEarlier: boolean) {
  return async (task: LinkedTask, engine: Engine): Promise<Filled> => {
    const fills: string[] = [];
    let [forwards, ms] = [0, 0];
    for (let turn = 0; turn < goldsOf(task).length; turn++) {
      const one = await run(task, engine, (part, gap) =>
        gap === turn ? gapFor(part.gold, engine) : { text: seesEarlier ? (fills[gap] ?? '') : '' },
      );
      fills.push(one.fills[0]!);
      forwards += one.forwards;
      ms += one.ms;
    }
    return { fills, forwards, ms };
  };
}

async function run(
  task: LinkedTask,
  engine: Engine,
  partOf: (part: { readonly gold: string }, gap: number) => Part,
): Promise<Filled> {
  let gap = 0;
  const parts = task.parts.map((part) => ('gold' in part ? partOf(part, gap++) : part));
  const sampling = { constrain: !options.free };
  const params: FillParams = { parts, languageId: task.language, sampling };
  const start = performance.now();
  const { fills, forwards } = await engine.fill(params);
  return { fills: fills.map(({ text }) => text), forwards, ms: performance.now() - start };
}

function gapFor(gold: string, engine: Engine): Part {
  const length = options.length === 'oracle' ? engine.countTokens(gold) : 'auto';
  return { gap: { length, singleLine: true, ...(length === 'auto' ? { minLength: 1 } : {}) } };
}

function add(score: Score, task: LinkedTask, { fills, forwards, ms }: Filled): void {
  const golds = goldsOf(task);
  const exact = golds.filter((gold, gap) => fills[gap]!.trim() === gold.trim()).length;
  const defined = definedName(fills[0]!);
  const uses = (name: string) => fills.slice(1).every((fill) => wordsOf(fill).has(name));
  score.tasks++;
  score.gaps += golds.length;
  score.agree += defined !== undefined && uses(defined) ? 1 : 0;
  score.agreeOnGold += defined === task.name && uses(task.name) ? 1 : 0;
  score.exactGaps += exact;
  score.exactTasks += exact === golds.length ? 1 : 0;
  score.valid += isValid(textOf(task, fills), task.language) ? 1 : 0;
  score.forwards += forwards;
  score.ms += ms;
}

function definedName(line: string): string | undefined {
  return /^\s*(?:(?:const|let|var)\s+)?([A-Za-z_$][\w$]*)\s*(?::[^=]+)?=(?!=)/.exec(line)?.[1];
}

function wordsOf(line: string): Set<string> {
  return new Set(line.match(/[A-Za-z_$][\w$]*/g) ?? []);
}

/** Does the language's own parser take it? A method stands alone here, so it is tried in a class too. */
function isValid(text: string, language: LinkedTask['language']): boolean {
  if (language === 'python') {
    const check = 'import ast,sys; ast.parse(sys.stdin.read())';
    return spawnSync('python3', ['-c', check], { input: text }).status === 0;
  }
  const loader = language === 'typescript' ? 'ts' : 'js';
  return [text, `class A {\n${text}\n}`, `x = {\n${text}\n}`].some((whole) => {
    try {
      transformSync(whole, { loader, logLevel: 'silent' });
      return true;
    } catch {
      return false;
    }
  });
}

function goldsOf({ parts }: LinkedTask): string[] {
  return parts.flatMap((part) => ('gold' in part ? [part.gold] : []));
}

function textOf({ parts }: LinkedTask, fills: readonly string[]): string {
  let gap = 0;
  return parts.map((part) => ('gold' in part ? fills[gap++]! : part.text)).join('');
}

function spread<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most);
  return Array.from(
    { length: Math.min(items.length, most) },
    (_, i) => items[Math.floor(i * step)]!,
  );
}

function emptyScore(): Score {
  const zero = { agree: 0, agreeOnGold: 0, exactGaps: 0, exactTasks: 0, valid: 0 };
  return { tasks: 0, gaps: 0, ...zero, forwards: 0, ms: 0 };
}

function lineOf(way: string, score: Score): string {
  const share = (count: number, of: number) => `${((100 * count) / of).toFixed(1)} %`.padStart(7);
  return [
    way.padEnd(18),
    `names agree ${share(score.agree, score.tasks)} (the old name ${share(score.agreeOnGold, score.tasks)})`,
    `exact ${share(score.exactGaps, score.gaps)} of gaps, ${share(score.exactTasks, score.tasks)} of tasks`,
    `valid ${share(score.valid, score.tasks)}`,
    `${(score.forwards / score.tasks).toFixed(1)} forwards`,
    `${(score.ms / score.tasks).toFixed(0)} ms`,
  ].join('  ');
}

void main();
