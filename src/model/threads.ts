/**
 * How many threads the matrix products get. One physical core is left to the editor and the language
 * servers; a second hyper-thread of a core adds nothing to matrix products. Knows no ONNX Runtime.
 */
import { readFileSync } from 'node:fs';
import os from 'node:os';

export function defaultThreads(): number {
  return Math.max(1, physicalCores() - 1);
}

export function physicalCores(): number {
  const logical = os.availableParallelism();
  if (process.platform === 'linux') return Math.min(logical, linuxCores() ?? logical);
  // Apple's and Windows' arm64 machines have no hyper-threads; of x64 ones nearly all have two.
  return process.arch === 'x64' ? Math.max(1, Math.ceil(logical / 2)) : logical;
}

/** Distinct sets of sibling threads, as the kernel lists them. */
function linuxCores(): number | undefined {
  const siblings = new Set<string>();
  try {
    for (let cpu = 0; cpu < os.cpus().length; cpu++) {
      const file = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
      siblings.add(readFileSync(file, 'utf8'));
    }
  } catch {
    return undefined; // not told inside some containers
  }
  return siblings.size || undefined;
}
