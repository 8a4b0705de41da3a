/**
 * What the suites about the shared sampler process start: real processes that meet in a folder of the
 * test's own, through the real transport. Knows no single test.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SharedTransport, type SharedOptions } from '../../src/client/sharedTransport';
import { serverFile } from './tinyModel';

export interface Meeting {
  /** The folder where the processes meet. */
  readonly folder: string;
  transport(options?: Partial<SharedOptions>): SharedTransport;
  /** What lies in the folder, sorted. */
  files(): string[];
}

/** Call inside `describe`: a folder for each test, which must be empty of locks and sockets at its end. */
export function useMeeting(): Meeting {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-run-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return {
    get folder() {
      return folder;
    },
    transport: (options = {}) =>
      new SharedTransport({ serverFile, version: '0.0.0-test', folder, graceMs: 300, ...options }),
    files: () => readdirSync(folder).sort(),
  };
}

/** Waits for a condition, with a limit. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
