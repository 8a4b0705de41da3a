/**
 * What keeping the context's keys and values between keystrokes brings and costs: somebody types lines of
 * code, and every few characters asks for the rest of the line. Each request is filled afresh and on
 * the context of the one before, in one run; agreement, forwards and time are compared. Says nothing about how good a
 * fill is besides how often it is what stood there.
 *
 * node bench/run.mjs typing [--model DIR] [--lines N] [--every CHARACTERS] [--data FILE.jsonl.gz]
 *   [--seconds N]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { openModel } from '../src/model/load';
import type { Fill } from '../src/protocol/messages';
import { infill, type InfillModel } from '../src/sampler/infill';
import { ContextStore } from '../src/sampler/keptContext';
import { seededRandom } from '../src/sampler/random';
import { traitsOf } from '../src/sampler/traits';
import { createTokenizer } from '../src/tokenizer/tokenizer';
import { describeMachine } from './support/machine';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'dist/model' },
    lines: { type: 'string', default: '60' },
    every: { type: 'string', default: '3' },
    data: { type: 'string' },
    seconds: { type: 'string', default: '600' },
  },
});

/** A line and what stands around it. */
interface Line {
  readonly before: string;
  readonly text: string;
  readonly after: string;
  readonly languageId: string;
}

interface Tally {
  requests: number;
  exact: number;
  forwards: number;
  ms: number[];
  /** Of the processor, all threads: says more than a clock on a busy machine. */
  cpuMs: number[];
}

async function main(): Promise<void> {
  const loaded = await openModel(options.model, { device: 'cpu' });
  const { tokenizer, config } = loaded.tokenizerFiles!;
  const model: InfillModel = {
    denoiser: loaded.denoiser,
    tokenizer: createTokenizer(tokenizer, config),
    traits: traitsOf(loaded.manifest),
  };
  const lines = spread(
    options.data === undefined ? ownLines() : taskLines(options.data),
    Number(options.lines),
  );
  const fresh: Tally = { requests: 0, exact: 0, forwards: 0, ms: [], cpuMs: [] };
  const kept: Tally = { ...fresh, ms: [], cpuMs: [] };
  const threshold = loaded.manifest.inlineThreshold ?? 0;
  let [same, sameStart, shown, sameShown] = [0, 0, 0, 0];
  const until = performance.now() + 1000 * Number(options.seconds);
  for (const line of lines) {
    if (performance.now() > until) break; // lines are in random order: the first ones are a sample
    const contexts = new ContextStore();
    // An empty line asks for a block, a rare request of many tokens: the line is begun.
    const begun = /^\s*\S/.exec(line.text)![0].length;
    // The first request of a line has no context to go on from: it makes the one that is kept.
    await fill(model, line, begun, { ...kept, ms: [], cpuMs: [] }, '', contexts);
    const every = Number(options.every);
    for (let typed = begun + every; typed < line.text.length; typed += every) {
      const gold = line.text.slice(typed);
      // The order alternates, so that neither finds the caches of the processor warm more often.
      const ask = {
        fresh: () => fill(model, line, typed, fresh, gold),
        kept: () => fill(model, line, typed, kept, gold, contexts),
      };
      const order =
        fresh.requests % 2 === 0 ? (['fresh', 'kept'] as const) : (['kept', 'fresh'] as const);
      const answers: Partial<Record<'fresh' | 'kept', Fill>> = {};
      for (const way of order) answers[way] = await ask[way]();
      const [one, other] = [answers.fresh!, answers.kept!];
      if (one.confidence >= threshold) {
        shown++;
        if (one.text === other.text) sameShown++;
      }
      if (one.text === other.text) same++;
      if (firstWord(one.text) === firstWord(other.text)) sameStart++;
    }
    contexts.clear();
  }
  const share = (count: number) => Math.round((1000 * count) / fresh.requests) / 10;
  const rows = { fresh: figures(fresh), kept: figures(kept) };
  console.log('            forwards  median ms    p95 ms    cpu ms   cpu p95   exact %');
  for (const [name, row] of Object.entries(rows)) {
    const cells = [
      row.forwards,
      row.medianMs,
      row.p95Ms,
      row.cpuMedianMs,
      row.cpuP95Ms,
      row.exactPercent,
    ];
    console.log(name.padEnd(12) + cells.map((cell) => cell.toFixed(2).padStart(8)).join('  '));
  }
  const ratios = fresh.cpuMs.map((ms, index) => ms / kept.cpuMs[index]!);
  console.log(
    `${fresh.requests} requests; same answer ${share(same)} %, same first word ${share(sameStart)} %; ` +
      `of ${shown} sure enough to be shown ${rounded((100 * sameShown) / shown)} %`,
  );
  console.log(
    `a kept context is ${quantile(ratios, 0.5).toFixed(2)} times as cheap (processor time, median of pairs)`,
  );
  const summary = {
    bench: 'typing',
    ...describeMachine(),
    lines: lines.length,
    every: Number(options.every),
    requests: fresh.requests,
    samePercent: share(same),
    shown,
    sameOfShownPercent: rounded((100 * sameShown) / shown),
    sameFirstWordPercent: share(sameStart),
    timesAsCheap: [0.25, 0.5, 0.75].map((at) => rounded(quantile(ratios, at))),
    rows,
  };
  console.log(JSON.stringify(summary));
  await loaded.denoiser.dispose();
}

async function fill(
  model: InfillModel,
  { before, text, after, languageId }: Line,
  typed: number,
  tally: Tally,
  gold: string,
  contexts?: ContextStore,
): Promise<Fill> {
  const parts = [
    { text: before + text.slice(0, typed) },
    { gap: { length: 'auto', minLength: 0 } as const },
    { text: after },
  ];
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = await infill(parts, model, { languageId, contexts });
  tally.ms.push(performance.now() - start);
  const { user, system } = process.cpuUsage(cpu);
  tally.cpuMs.push((user + system) / 1000);
  const answer = result.fills[0]!;
  tally.requests++;
  tally.forwards += result.forwards;
  if (answer.text.trimEnd() === gold.trimEnd()) tally.exact++;
  return answer;
}

function figures({ requests, exact, forwards, ms, cpuMs }: Tally) {
  return {
    forwards: rounded(forwards / requests),
    medianMs: rounded(quantile(ms, 0.5)),
    p95Ms: rounded(quantile(ms, 0.95)),
    cpuMedianMs: rounded(quantile(cpuMs, 0.5)),
    cpuP95Ms: rounded(quantile(cpuMs, 0.95)),
    exactPercent: rounded((100 * exact) / requests),
  };
}

/** Lines of this repository, which no training saw. */
function ownLines(): Line[] {
  const files = [
    'src/sampler/denoise.ts',
    'src/server/queue.ts',
    'src/extension/statusBar.ts',
    'src/model/load.ts',
    'src/client/samplerLink.ts',
  ];
  return files.flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.flatMap((text, number): Line[] => {
      if (text.trim().length < 15 || /^\s*(\*|\/)/.test(text)) return [];
      const before = lines
        .slice(0, number)
        .map((line) => `${line}\n`)
        .join('');
      const after = lines
        .slice(number + 1)
        .map((line) => `\n${line}`)
        .join('');
      return [{ before, text, after, languageId: 'typescript' }];
    });
  });
}

function taskLines(file: string): Line[] {
  const data = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(data) : data).toString('utf8');
  const rows = text.split('\n').filter((row) => row !== '');
  return rows.flatMap((row): Line[] => {
    const { prompt, suffix, canonical_solution: gold, language = 'python' } = JSON.parse(row);
    if (!/^[^\n]{6,}\n$/.test(gold)) return [];
    return [{ before: prompt, text: gold.trimEnd(), after: `\n${suffix}`, languageId: language }];
  });
}

function firstWord(text: string): string {
  return /^\s*(\w+|\W)/.exec(text)?.[0] ?? '';
}

function spread<T>(items: readonly T[], count: number): T[] {
  const wanted = Math.min(count, items.length);
  const random = seededRandom(1);
  const chosen = Array.from(
    { length: wanted },
    (_, i) => items[Math.floor(((i + 0.5) / wanted) * items.length)]!,
  );
  const keys = new Map(chosen.map((item) => [item, random()]));
  return chosen.sort((a, b) => keys.get(a)! - keys.get(b)!);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
