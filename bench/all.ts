/**
 * Every comparison, one after the other: prints each section's table as it comes and, as the last line, one
 * JSON object, which is also kept for `publish`. A section that cannot run here says why and is left out.
 *
 * npm run bench [-- --only seed,llama --rounds 7 --threads N --tasks FILE --large MODEL_DIR --out FILE
 *   --quick]
 */
import { mkdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { defaultThreads } from '../src/model/threads';
import { againstArithmetic } from './sections/arithmetic';
import { growth } from './sections/growth';
import { host } from './sections/host';
import { againstLlamaCpp } from './sections/llamaCpp';
import { quality } from './sections/quality';
import { againstRecompute } from './sections/recompute';
import { againstSeed } from './sections/seed';
import { secondThread } from './sections/threads';
import { eightBits } from './sections/weights';
import { windows } from './sections/windows';
import { describeMachine } from './support/machine';
import { markdownOf, type Section } from './support/report';
import { Unavailable, type Setting } from './support/setting';

const sections = {
  seed: againstSeed,
  quality,
  llama: againstLlamaCpp,
  recompute: againstRecompute,
  weights: eightBits,
  arithmetic: againstArithmetic,
  growth,
  threads: secondThread,
  windows,
  host,
} as const satisfies Record<string, (setting: Setting) => Promise<Section>>;

type Name = keyof typeof sections;

/** With what a figure means nothing without. */
export interface Measured extends Section {
  readonly machine: ReturnType<typeof describeMachine>;
  readonly threads: number;
  readonly rounds: number;
}

export interface Results {
  readonly sections: Partial<Record<Name, Measured>>;
  readonly leftOut: Partial<Record<Name, string>>;
}

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    threads: { type: 'string', default: String(defaultThreads()) },
    model: { type: 'string', default: 'models/lacuna-default' },
    tasks: { type: 'string', default: '../shared/eval/single-line.dev.jsonl.gz' },
    cache: { type: 'string', default: 'bench/.cache' },
    out: { type: 'string', default: 'bench/.cache/results.json' },
    large: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const names =
    options.only === undefined ? (Object.keys(sections) as Name[]) : chosen(options.only);
  const setting: Setting = {
    cache: path.resolve(options.cache),
    checkpoint: path.resolve(options.model),
    modelDir: path.resolve('dist/model'),
    threads: wholeNumber('threads', options.threads),
    rounds: options.quick ? 1 : wholeNumber('rounds', options.rounds),
    tasks: path.resolve(options.tasks),
    ...(options.large === undefined ? {} : { large: path.resolve(options.large) }),
    say: (text) => console.log(text),
  };
  mkdirSync(setting.cache, { recursive: true });
  const { threads, rounds } = setting;
  const results: Results = { sections: {}, leftOut: {} };
  for (const name of names) {
    const started = performance.now();
    try {
      const machine = describeMachine();
      results.sections[name] = { ...(await sections[name](setting)), machine, threads, rounds };
      console.log(`\n${markdownOf(results.sections[name]!)}`);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      results.leftOut[name] = error.message;
      console.log(`\n${name} is left out: ${error.message}`);
    }
    console.log(`(${name}: ${((performance.now() - started) / 1000).toFixed(0)} s)`);
    keep(results); // what was measured stays when a later section fails
  }
  console.log(JSON.stringify(results, rounded));
}

function chosen(list: string): Name[] {
  return list.split(',').map((name) => {
    if (name in sections) return name as Name;
    throw new Error(`Cannot run section "${name}": use ${Object.keys(sections).join(', ')}`);
  });
}

function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`Cannot use --${name} "${text}": give a whole number above 0`);
}

/** Sections that this run did not measure stay as they were, each with its own commit and machine. */
function keep(results: Results): void {
  const { out } = options;
  const earlier = existsSync(out) ? (JSON.parse(readFileSync(out, 'utf8')) as Results) : undefined;
  const whole = { ...results, sections: { ...earlier?.sections, ...results.sections } };
  writeFileSync(out, JSON.stringify(whole, rounded, 1));
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
}

main().catch((error: unknown) => {
  console.error(
    `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  process.exitCode = 1;
});
