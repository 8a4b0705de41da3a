/**
 * How long a fill takes, as the editor sees it: through the real client and the real process, with
 * the settings of inline completion. Prints a table, then one JSON line. Says nothing about quality.
 *
 * node bench/run.mjs latency [--model DIR] [--device NAME] [--fills N] [--weights q8,f32]
 *   [--refresh N] [--length N|auto]     (--weights of a checkpoint; a model folder is measured as it is)
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SamplerClient } from '../src/client/samplerClient';
import { StdioTransport } from '../src/client/stdioTransport';
import type { DeviceWish, FillParams, FillResult } from '../src/protocol/messages';
import { describeMachine } from './support/machine';

interface Timed extends FillResult {
  /** From the call to its answer. */
  readonly totalMs: number;
}

interface Figures {
  readonly weights: string;
  readonly device: string;
  readonly loadMs: number;
  /** From the start of the process to the first answer. */
  readonly startToFillMs: number;
  /** Reading the weight file, cached by the system as it is for the load. */
  readonly readMs: number;
  readonly firstFillMs: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly forwardsPerFill: number;
  readonly msPerForward: number;
  readonly tokensPerForward: number;
  readonly queueMs: number;
  /** What neither queue nor sampler used: pipes, JSON, both event loops. */
  readonly pipeMs: number;
}

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'dist/model' },
    device: { type: 'string', default: 'cpu' },
    fills: { type: 'string', default: '50' },
    weights: { type: 'string', default: 'q8,f32' },
    refresh: { type: 'string' },
    length: { type: 'string', default: 'auto' },
  },
});

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-bench-'));
  const requests = inlineRequests(Number(options.fills));
  try {
    const rows: Figures[] = [];
    const isModelFolder = existsSync(path.join(options.model, 'lacuna.json'));
    for (const weights of isModelFolder ? ['as it is'] : options.weights.split(',')) {
      const modelDir = isModelFolder
        ? options.model
        : convert(options.model, path.join(folder, weights), weights);
      rows.push(await measure(modelDir, weights, requests));
    }
    printTable(rows);
    console.log(
      JSON.stringify(
        { ...describeMachine(), model: path.basename(options.model), fills: requests.length, rows },
        rounded,
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Through the command line, so that the bench sees what a user gets. */
function convert(checkpoint: string, out: string, weights: string): string {
  const args = ['dist/cli.js', 'convert', checkpoint, '--out', out, '--weights', weights];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot convert "${checkpoint}": ${stderr}`);
  return out;
}

async function measure(
  modelDir: string,
  weights: string,
  requests: readonly FillParams[],
): Promise<Figures> {
  const readMs = timeToRead(modelDir);
  const start = performance.now();
  let startToFillMs: number | undefined;
  const client = new SamplerClient({
    transport: new StdioTransport({ serverFile: path.resolve('dist/server.js') }),
    clientName: 'bench',
  });
  try {
    const device = options.device as DeviceWish;
    const { loadMs, device: used } = await client.load({ modelDir, device });
    const timed: Timed[] = [];
    for (const request of requests) {
      const asked = performance.now();
      const result = await client.fill(request);
      timed.push({ ...result, totalMs: performance.now() - asked });
      startToFillMs ??= performance.now() - start;
    }
    const loads = { loadMs, startToFillMs: startToFillMs!, readMs };
    return { weights, device: used, ...loads, ...figuresOf(timed) };
  } finally {
    await client.dispose();
  }
}

function timeToRead(modelDir: string): number {
  const file = path.join(modelDir, 'weights.safetensors');
  readFileSync(file); // the first time it may come from the disk
  const start = performance.now();
  readFileSync(file);
  return performance.now() - start;
}

type Answered = Omit<Figures, 'weights' | 'device' | 'loadMs' | 'startToFillMs' | 'readMs'>;

function figuresOf(timed: readonly Timed[]): Answered {
  const sum = (figure: (fill: Timed) => number) =>
    timed.reduce((all, fill) => all + figure(fill), 0);
  const totals = timed.map(({ totalMs }) => totalMs);
  const forwards = sum((fill) => fill.forwards);
  return {
    firstFillMs: totals[0]!,
    medianMs: quantile(totals, 0.5),
    p95Ms: quantile(totals, 0.95),
    forwardsPerFill: forwards / timed.length,
    msPerForward: sum((fill) => fill.elapsedMs) / forwards,
    tokensPerForward: sum(({ fills }) => fills[0]!.tokens.length) / forwards,
    queueMs: sum((fill) => fill.queueMs) / timed.length,
    pipeMs: sum((fill) => fill.totalMs - fill.elapsedMs - fill.queueMs) / timed.length,
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

/** The rest of a line, in our own sources: what a keystroke in the editor asks for. */
function inlineRequests(count: number): FillParams[] {
  const length = options.length === 'auto' ? 'auto' : Number(options.length);
  const { refresh } = options;
  const files = ['src/protocol/messages.ts', 'src/sampler/denoise.ts', 'src/client/samplerLink.ts'];
  return Array.from({ length: count }, (_, index): FillParams => {
    const text = readFileSync(files[index % files.length]!, 'utf8');
    const lines = text.split('\n');
    const codeLines = [...lines.keys()].filter((number) => lines[number]!.trim().length > 20);
    const line = codeLines[Math.floor(((index + 0.5) / count) * codeLines.length)]!;
    const start = lines.slice(0, line).join('\n').length + 1;
    const cut = start + Math.floor(lines[line]!.length / 2);
    return {
      parts: [
        { text: text.slice(0, cut) },
        { gap: { length, singleLine: true } },
        { text: text.slice(start + lines[line]!.length) },
      ],
      languageId: 'typescript',
      priority: 'inline',
      ...(refresh !== undefined && { sampling: { refreshEvery: Number(refresh) } }),
    };
  });
}

function printTable(rows: readonly Figures[]): void {
  const labels: [keyof Figures, string][] = [
    ['device', 'device'],
    ['loadMs', 'load, ms'],
    ['startToFillMs', 'start to fill, ms'],
    ['readMs', 'file read, ms'],
    ['firstFillMs', 'first fill, ms'],
    ['medianMs', 'fill, median ms'],
    ['p95Ms', 'fill, p95 ms'],
    ['forwardsPerFill', 'forwards a fill'],
    ['msPerForward', 'ms a forward'],
    ['tokensPerForward', 'tokens a forward'],
    ['queueMs', 'in the queue, ms'],
    ['pipeMs', 'in the pipe, ms'],
  ];
  const line = (label: string, cells: readonly string[]) =>
    console.log(label.padEnd(18) + cells.map((cell) => cell.padStart(10)).join(''));
  line(
    '',
    rows.map(({ weights }) => weights),
  );
  for (const [key, label] of labels)
    line(
      label,
      rows.map((row) => shown(row[key])),
    );
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined || first === last) return;
  const ratio = (last.msPerForward / first.msPerForward).toFixed(2);
  console.log(`${first.weights} runs a forward ${ratio} times as fast as ${last.weights}`);
}

function shown(value: string | number): string {
  return typeof value === 'string' ? value : value.toFixed(value < 10 ? 2 : 0);
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 100) / 100 : value;
}

main().catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
