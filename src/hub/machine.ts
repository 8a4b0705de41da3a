/**
 * What this machine has for a model: memory that is free now, processor, and a GPU where NVIDIA's own
 * tool tells of one. Looks, measures nothing, knows no model.
 */
import { execFile } from 'node:child_process';
import os from 'node:os';
import type { GpuFacts, MachineFacts } from '../protocol/modelMessages';

const probeMs = 3000;

export async function machineFacts(): Promise<MachineFacts> {
  const cpus = os.cpus();
  const gpu = await nvidiaGpu();
  return {
    cpu: cpus[0]?.model.trim() || 'unknown processor',
    cores: os.availableParallelism(),
    totalBytes: Math.min(os.totalmem(), process.constrainedMemory() || Infinity),
    availableBytes: availableMemory(),
    ...(gpu && { gpu }),
  };
}

/** Memory that can be had without swapping; what a container allows, inside one. */
export function availableMemory(): number {
  const free = process.availableMemory?.() ?? os.freemem();
  // macOS counts as used what it would give away at once.
  return process.platform === 'darwin' ? Math.max(free, os.totalmem() / 2) : free;
}

function nvidiaGpu(): Promise<GpuFacts | undefined> {
  const query = ['--query-gpu=name,memory.total,memory.free', '--format=csv,noheader,nounits'];
  return new Promise((resolve) => {
    execFile('nvidia-smi', query, { timeout: probeMs, windowsHide: true }, (error, output) => {
      resolve(error ? undefined : readGpus(output));
    });
  });
}

/** The one with the most free memory of `name, total MiB, free MiB` lines. */
export function readGpus(output: string): GpuFacts | undefined {
  const gpus = output.split('\n').flatMap((line): GpuFacts[] => {
    const match = /^\s*(.+?),\s*(\d+),\s*(\d+)\s*$/.exec(line);
    if (!match) return [];
    const [, name = '', total, free] = match;
    return [{ name, totalBytes: Number(total) * 2 ** 20, freeBytes: Number(free) * 2 ** 20 }];
  });
  return gpus.toSorted((a, b) => b.freeBytes - a.freeBytes)[0];
}
