/**
 * The file by which one process says that it serves: made whole or not at all, taken by one of many
 * that want it at the same instant, taken over from one that died. Knows no socket and no sampler.
 */
import { randomBytes } from 'node:crypto';
import { link, lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRunning, type ProcessId } from './processes';

export interface Lock extends ProcessId {
  /** Of Lacuna, for people; which processes may share is in the file's name. */
  readonly version: string;
  /** Socket or named pipe that the process listens on. */
  readonly address: string;
  /** Known to those who may read this file, and to nobody else. */
  readonly token: string;
}

/**
 * Absent: there is none, it cannot be read as one, or it is not this user's own: one that somebody else wrote, or
 * could have, names a process and a token of his choice.
 */
export async function readLock(file: string): Promise<Lock | undefined> {
  try {
    if (!(await isOwn(file))) return undefined;
    const lock = JSON.parse(await readFile(file, 'utf8')) as Partial<Lock> | null;
    const { pid, start, version, address, token } = lock ?? {};
    const texts = [start, version, address, token].every((text) => typeof text === 'string');
    const isPid = typeof pid === 'number' && Number.isInteger(pid) && pid > 0;
    return texts && isPid && isBeside(file, address!) ? (lock as Lock) : undefined;
  } catch {
    return undefined;
  }
}

/** A plain file of this user's that nobody else may read or write; Windows keeps others out by the folder. */
async function isOwn(file: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const stats = await lstat(file);
  return stats.isFile() && stats.uid === process.getuid!() && (stats.mode & 0o077) === 0;
}

/** The socket lies in the folder that was looked at. */
function isBeside(file: string, address: string): boolean {
  if (process.platform === 'win32') return address.startsWith('\\\\.\\pipe\\lacuna-');
  return path.dirname(address) === path.dirname(file);
}

/** Takes the lock unless a living process has it. */
export async function takeLock(file: string, lock: Lock): Promise<boolean> {
  const own = besides(file);
  await writeFile(own, JSON.stringify(lock), { mode: 0o600, flag: 'wx' });
  try {
    for (;;) {
      if (await linked(own, file)) return true;
      const other = await readLock(file);
      if (other && (await isRunning(other))) return false;
      await removeStale(file, other?.token);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Whether the file still names this holder: somebody may have removed or replaced it. */
export async function holdsLock(file: string, { token }: Lock): Promise<boolean> {
  return (await readLock(file))?.token === token;
}

/** Gives the lock back; another holder's stays. */
export async function dropLock(file: string, lock: Lock): Promise<void> {
  if (await holdsLock(file, lock)) await rm(file, { force: true });
}

/**
 * Removes a dead holder's file, and not one that took its place meanwhile: renaming is atomic, so of
 * many who try one gets the file, and looks again at what it got.
 * @param token of the dead holder; absent where the file could not be read.
 */
export async function removeStale(file: string, token: string | undefined): Promise<void> {
  const aside = besides(file);
  try {
    await rename(file, aside);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return; // somebody was quicker
    throw thrown;
  }
  const found = await readLock(aside);
  // Where a third one took the place, the one put aside sees that and steps down.
  if (found?.token !== token) await linked(aside, file);
  await rm(aside, { force: true });
}

/** A file's second name is made at once or not at all, where writing shows half a file for a moment. */
async function linked(existing: string, name: string): Promise<boolean> {
  try {
    await link(existing, name);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

function besides(file: string): string {
  return `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
}
