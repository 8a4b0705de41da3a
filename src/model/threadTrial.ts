/**
 * How many threads a model's forwards get on this machine's CPU, by trying: what a fill does, one long forward
 * and some windowed steps, on every number worth trying. The fewest that are about as fast as the fastest
 * win, since the editor wants the others. Measured once a model and machine and kept in the cache folder;
 * large models, whose trial would take long, get what threads.ts says.
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Denoiser } from './denoiser';
import { readJsonObject } from './jsonFile';
import type { Manifest } from './manifest';
import { defaultThreads, physicalCores } from './threads';

export interface ThreadChoice {
  readonly threads: number;
  /** Milliseconds of the work by number of threads; absent: not measured in this process. */
  readonly measured?: Readonly<Record<number, number>>;
}

/** More takes seconds to open again and again. */
const mostParameters = 400e6;
/** No further number is tried after this; those that were tried decide. */
const longestMs = 2000;
/** That much slower than the fastest is as good. */
const slack = 1.1;
const fileName = 'threads.json';

/**
 * @param open a denoiser of the model with so many threads. @param folder where choices are kept.
 * @param now milliseconds of a clock that never goes back.
 */
export async function chooseThreads(
  manifest: Manifest,
  folder: string,
  open: (threads: number) => Promise<Denoiser>,
  now: () => number = () => performance.now(),
): Promise<ThreadChoice> {
  const candidates = candidateThreads(physicalCores());
  if (candidates.length === 1) return { threads: candidates[0]! };
  if (manifest.parameters > mostParameters) return { threads: defaultThreads() };
  const file = path.join(folder, fileName);
  const known = (await readJsonObject(file).catch(() => undefined)) ?? {};
  const key = keyOf(manifest);
  const before = known[key];
  if (candidates.includes(before as number)) return { threads: before as number };
  const start = now();
  const measured: Record<number, number> = {};
  for (const threads of candidates) {
    const denoiser = await open(threads);
    try {
      measured[threads] = await workMs(denoiser, now);
    } finally {
      await denoiser.dispose();
    }
    if (now() - start > longestMs) break;
  }
  const threads = fewestFast(measured);
  // A choice that cannot be kept is made again at the next load.
  await mkdir(folder, { recursive: true })
    .then(() => writeFile(file, JSON.stringify({ ...known, [key]: threads }, null, 1)))
    .catch(() => undefined);
  return { threads, measured };
}

/** 1, 2, 4 ... up to all cores, and all but one. */
export function candidateThreads(cores: number): number[] {
  const numbers = new Set([Math.max(1, cores - 1), cores]);
  for (let threads = 1; threads < cores; threads *= 2) numbers.add(threads);
  return [...numbers].sort((a, b) => a - b);
}

/** @param measured milliseconds by number of threads. */
export function fewestFast(measured: Readonly<Record<number, number>>): number {
  const best = Math.min(...Object.values(measured));
  const fast = Object.keys(measured).filter(
    (threads) => measured[Number(threads)]! <= best * slack,
  );
  return Math.min(...fast.map(Number));
}

/** A fill's work: its first forward, and five steps; each the fastest of three. */
async function workMs(denoiser: Denoiser, now: () => number): Promise<number> {
  const length = Math.min(256, denoiser.maxTokens);
  const outside = Math.max(1, length - 33);
  const positions = Int32Array.from({ length }, (_, position) => position);
  const ids = positions.map((position) => (position * 7919) % denoiser.vocabSize);
  const keep = positions.slice(0, outside);
  const rows = Int32Array.of(0);
  let [fullMs, stepMs] = [Infinity, Infinity];
  for (let run = 0; run < 3; run++) {
    const start = now();
    const { kept } = await denoiser.forward({ ids, positions, rows, keep, banned: [] });
    const middle = now();
    const window = { ids: ids.slice(outside), positions: positions.slice(outside) };
    await denoiser.forward({ ...window, rows, banned: [], ...(kept && { past: kept }) });
    fullMs = Math.min(fullMs, middle - start);
    stepMs = Math.min(stepMs, now() - middle);
    kept?.dispose();
  }
  return fullMs + 5 * stepMs;
}

/** What the speed depends on: the shape of the model, its weights and the machine. */
function keyOf({ architecture, dimensions, weights, parameters }: Manifest): string {
  const cpus = os.cpus();
  const machine = [process.arch, cpus[0]?.model, cpus.length, physicalCores()];
  const facts = [architecture, dimensions, weights, parameters, machine];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}
