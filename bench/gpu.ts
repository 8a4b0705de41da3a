/**
 * The real sampler process on a GPU beside the same on the CPU: same model, same requests.
 * Says whether the tokens are the same, what a forward takes, and what memory is used. Sets nothing up:
 * bench/gpu.sh does.
 *
 * node bench/run.mjs gpu [--device cuda|webgpu|cpu] [--model DIR] [--fills N]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { StdioTransport } from '../src/client/stdioTransport';
import { SamplerClient } from '../src/client/samplerClient';
import type { DeviceWish, FillParams, FillResult, ModelInfo } from '../src/protocol/messages';

const { values: options } = parseArgs({
  options: {
    device: { type: 'string', default: 'cuda' },
    model: { type: 'string', default: 'dist/model' },
    fills: { type: 'string', default: '20' },
  },
});

interface Run {
  readonly info: ModelInfo;
  readonly results: readonly FillResult[];
  readonly log: readonly string[];
  readonly residentMb: number;
  /** As nvidia-smi tells of the process; absent without it. */
  readonly gpuMb?: number;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-gpu-'));
  try {
    const modelDir = convert(options.model, path.join(folder, 'f32'));
    const requests = requestsOf(Number(options.fills));
    const cpu = await measure(modelDir, 'cpu', requests);
    const device = await measure(modelDir, options.device as DeviceWish, requests);
    const tried = options.device === 'cpu' ? 'again' : options.device;
    const rows = { cpu: figures(cpu), [tried]: figures(device) };
    const same = device.results.filter(
      ({ fills }, index) => fills[0]!.text === cpu.results[index]!.fills[0]!.text,
    ).length;
    console.table(rows);
    console.log(`same text in ${same} of ${requests.length} fills`);
    for (const line of device.log) console.log(`  ${line}`);
    const report = {
      ...{ bench: 'gpu', ...machine(), device: options.device, fills: requests.length },
      ...{ sameText: same, rehearsal: options.device === 'cpu', notes: device.log, rows },
    };
    console.log(JSON.stringify(report));
    if (same < requests.length) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A model folder stays as it is. */
function convert(checkpoint: string, out: string): string {
  if (existsSync(path.join(checkpoint, 'lacuna.json'))) return checkpoint;
  const args = ['dist/cli.js', 'convert', checkpoint, '--out', out, '--weights', 'f32'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot convert "${checkpoint}": ${stderr}`);
  return out;
}

async function measure(
  modelDir: string,
  device: DeviceWish,
  requests: readonly FillParams[],
): Promise<Run> {
  const log: string[] = [];
  const client = new SamplerClient({
    transport: new StdioTransport({ serverFile: path.resolve('dist/server.js') }),
    clientName: 'bench',
    onLog: ({ level, text }) => void (level !== 'debug' && log.push(text)),
  });
  try {
    const info = await client.load({ modelDir, device });
    const results: FillResult[] = [];
    for (const request of requests) results.push(await client.fill(request));
    const pid = client.pid!;
    const gpuMb = gpuMemory(pid);
    const residentMb = residentMemory(pid);
    return { info, results, log, residentMb, ...(gpuMb !== undefined && { gpuMb }) };
  } finally {
    await client.dispose();
  }
}

/** The first fill is left out: kernels are compiled and memory is taken there. */
function figures({ info, results, residentMb, gpuMb }: Run) {
  const later = results.slice(1);
  const perForward = later.map(({ forwardMs, forwards }) => forwardMs / forwards);
  const perFill = later.map(({ elapsedMs }) => elapsedMs);
  return {
    device: info.device,
    loadMs: Math.round(info.loadMs),
    firstFillMs: rounded(results[0]!.elapsedMs),
    fillMs: rounded(quantile(perFill, 0.5)),
    fillP95Ms: rounded(quantile(perFill, 0.95)),
    forwardMs: rounded(quantile(perForward, 0.5)),
    residentMb,
    ...(gpuMb !== undefined && { gpuMb }),
  };
}

/** Half lines of our own sources. */
function requestsOf(count: number): FillParams[] {
  const text = readFileSync('src/sampler/denoise.ts', 'utf8');
  const lines = text.split('\n');
  const long = [...lines.keys()].filter((number) => lines[number]!.trim().length > 30);
  return Array.from({ length: count }, (_, index): FillParams => {
    const line = long[Math.floor(((index + 0.5) / count) * long.length)]!;
    const start = lines.slice(0, line).join('\n').length + 1;
    const cut = start + Math.floor(lines[line]!.length / 2);
    const gap = { length: 'auto', singleLine: true } as const;
    const parts = [
      { text: text.slice(0, cut) },
      { gap },
      { text: text.slice(start + lines[line]!.length) },
    ];
    return { parts, languageId: 'typescript' };
  });
}

function residentMemory(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes) / 1024);
}

function gpuMemory(pid: number): number | undefined {
  const query = ['--query-compute-apps=pid,used_memory', '--format=csv,noheader,nounits'];
  const { status, stdout } = spawnSync('nvidia-smi', query, { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const row = stdout.split('\n').find((line) => line.startsWith(`${pid},`));
  return row === undefined ? undefined : Number(row.split(',')[1]);
}

function machine(): object {
  const gpu = spawnSync(
    'nvidia-smi',
    ['--query-gpu=name,driver_version', '--format=csv,noheader'],
    {
      encoding: 'utf8',
    },
  );
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    gpu: gpu.status === 0 ? gpu.stdout.trim() : 'none',
    model: path.basename(options.model),
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'none'; // copied without its history
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

main().catch((error: unknown) => {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
