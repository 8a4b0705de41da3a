/**
 * What every section is given, and how the sides that run in processes of their own are started: PyTorch by
 * the user's Python, llama.cpp from the npm registry into a cache folder, at first use and only for this.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LineWorker } from './lineWorker';

export interface Setting {
  /** Random checkpoints, converted models, GGUF files, llama.cpp; ignored by git. */
  readonly cache: string;
  /** The embedded model's weights as floats, and its model folder. */
  readonly checkpoint: string;
  readonly modelDir: string;
  /** Of every side. */
  readonly threads: number;
  readonly rounds: number;
  /** Infilling tasks with tests. */
  readonly tasks: string;
  /** A model folder besides the made shapes, such as one of 7B in 4 bits. */
  readonly large?: string;
  readonly say: (text: string) => void;
}

/** A section that cannot run here is left out, with the reason in the results. */
export class Unavailable extends Error {}

const wantedLlama = '3.22.1';

export async function startSeed(checkpoint: string, threads: number) {
  if (!existsSync(checkpoint)) {
    throw new Unavailable(`there is no "${checkpoint}": name a checkpoint with --model`);
  }
  const python = process.env['PYTHON'] ?? 'python3';
  const { status } = spawnSync(python, ['-c', 'import torch']);
  if (status !== 0) {
    throw new Unavailable(
      `"${python}" has no PyTorch: python3 -m pip install torch --index-url ` +
        'https://download.pytorch.org/whl/cpu, or name one that has it in PYTHON',
    );
  }
  const args = ['bench/python/seed_sampler.py', checkpoint, String(threads)];
  return LineWorker.start<{ torch: string }>(python, args);
}

export async function startLlama(gguf: string, { cache, threads }: Setting, context: number) {
  const folder = installLlama(cache);
  const args = ['bench/llama/worker.mjs', folder, gguf, String(threads), String(context)];
  return LineWorker.start<{ llamaCpp: string; system: string }>(process.execPath, args);
}

/** Without install scripts and without the packages for graphics cards: 85 MB instead of 500. */
function installLlama(cache: string): string {
  const folder = path.join(cache, 'llama');
  if (existsSync(path.join(folder, 'node_modules/node-llama-cpp'))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const system = { darwin: 'mac', win32: 'win' }[process.platform as string] ?? process.platform;
  const binary = `@node-llama-cpp/${system}-${process.arch}${system === 'mac' && process.arch === 'arm64' ? '-metal' : ''}`;
  const packages = ['node-llama-cpp', binary].map((name) => `${name}@${wantedLlama}`);
  const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status, stderr } = spawnSync(npm, ['install', ...packages, ...flags], {
    ...{ cwd: folder, encoding: 'utf8' as const },
    shell: process.platform === 'win32',
  });
  if (status === 0) return folder;
  throw new Unavailable(`npm cannot install ${packages.join(' and ')}: ${stderr?.slice(-300)}`);
}
