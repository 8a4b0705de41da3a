/**
 * One process at a time for one download: two that append to the same file would spoil it. The lock
 * is a file with the number of the process; that of a dead process is taken over.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { LacunaError } from '../protocol/errors';

const lockFile = '.lock';

/** Runs `work` while the folder is ours; makes the folder where it is missing. */
export async function withLock<T>(dir: string, what: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dir, { recursive: true });
  const file = path.join(dir, lockFile);
  await take(file, what);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, what: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const handle = await open(file, 'wx');
      await handle.write(String(process.pid));
      return await handle.close();
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
      const holder = Number(await readFile(file, 'utf8').catch(() => ''));
      if (attempt > 3 || isAlive(holder)) throw taken(what, holder);
      await rm(file, { force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function taken(what: string, holder: number): LacunaError {
  return new LacunaError('badUsage', {
    doing: `Cannot add "${what}"`,
    found: `process ${holder} is adding it at this moment`,
    advice: 'Wait for it, or end it and try again',
  });
}
