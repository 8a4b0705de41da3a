/**
 * The folder that a conversion grows in, beside the one it will be. Its name says what is converted and
 * which process does it, so that the half of a process that was killed is taken over by the next one
 * with the same task: by renaming it, which only one of several can do. Knows no weights.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Halves whose process cannot be looked for (another machine's, an older release's) go after this long. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** Two machines may share a disk: the number of a process means nothing on the other one. */
const machine = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8);

/** Folders of conversions that run in this process. */
const own = new Set<string>();

/** A folder for this conversion alone: what a killed one of the same task left, else a new one. */
export async function claimPartial(outDir: string, task: string): Promise<string> {
  const parent = path.dirname(outDir);
  await mkdir(parent, { recursive: true });
  const start = `.${path.basename(outDir)}.partial-`;
  const unique = randomBytes(6).toString('hex');
  const mine = path.join(parent, `${start}${task}-${process.pid}-${machine}-${unique}`);
  own.add(mine);
  for (const left of await leftOvers(parent, start, task)) {
    const isTaken = await rename(left, mine).then(
      () => true,
      () => false, // another process was faster
    );
    if (isTaken) return mine;
  }
  await mkdir(mine, { recursive: true });
  return mine;
}

/** Call when the folder has been removed or given its name. */
export function releasePartial(dir: string): void {
  own.delete(dir);
}

/** What may be continued; the rest that nobody works on is swept away. */
async function leftOvers(parent: string, start: string, task: string): Promise<string[]> {
  const same: string[] = [];
  for (const name of await readdir(parent)) {
    if (!name.startsWith(start)) continue;
    const dir = path.join(parent, name);
    const parts = /^(\w+)-(\d+)-(\w+)-\w+(-unpacked)?$/.exec(name.slice(start.length));
    const [, ofTask, pid, host, unpacked] = parts ?? [];
    if (host === machine && !isAtWork(dir, Number(pid))) {
      if (ofTask === task && unpacked === undefined) same.push(dir);
      else await rm(dir, { recursive: true, force: true });
    } else if (host !== machine && (await ageMs(dir, parent)) > abandonedAfterMs) {
      await rm(dir, { recursive: true, force: true });
    }
  }
  return same;
}

/** Whether the process with that number, which may be this one, is still there. */
function isAtWork(dir: string, pid: number): boolean {
  if (pid === process.pid) return own.has(dir.replace(/-unpacked$/, ''));
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * By the clock of the disk, which is another machine's where the disk is shared: with ours a day ahead, all
 * that others are working on would look abandoned.
 */
async function ageMs(dir: string, parent: string): Promise<number> {
  const touched = await stat(dir).catch(() => undefined);
  if (touched === undefined) return 0;
  const now = path.join(parent, `.now-${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(now, '');
    return (await stat(now)).mtimeMs - touched.mtimeMs;
  } catch {
    return 0; // nothing can be written, so nothing tells the time
  } finally {
    await rm(now, { force: true });
  }
}
