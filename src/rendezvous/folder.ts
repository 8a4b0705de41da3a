/**
 * Where the processes of one user meet: a folder that nobody else may enter, with a lock file for each
 * build of the sampler and a socket beside it. Knows neither what is in a lock nor who listens.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LacunaError } from '../protocol/errors';

/** Names another folder; for tests, and for homes where sockets cannot be made. */
export const folderVariable = 'LACUNA_RUNTIME_DIR';

/** A socket's path, with its closing zero, has to fit the kernel's field: 104 bytes on macOS, 108 on Linux. */
const mostPathBytes = 103;

export function runtimeFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const { join, resolve } = platform === 'win32' ? path.win32 : path.posix;
  const named = env[folderVariable];
  if (named) return resolve(named);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || os.tmpdir(), 'lacuna', 'run');
  const own = env['XDG_RUNTIME_DIR'];
  // The folder for temporary files belongs to all users, so ours has our number in its name.
  return own ? join(own, 'lacuna') : join(os.tmpdir(), `lacuna-${process.getuid!()}`);
}

/**
 * Makes the folder, mode 0700, and makes sure that it is ours: in a place for temporary files another
 * user may have been first. One that others may enter is refused, not closed: what lies in it may be theirs, and a
 * folder that somebody shares on purpose stays shared. @throws LacunaError `internal` that names what was found.
 */
export async function openFolder(
  folder: string,
  platform: NodeJS.Platform = process.platform,
): Promise<void> {
  await make(path.dirname(folder));
  await make(folder);
  if (platform === 'win32') return; // what lies below LOCALAPPDATA is the user's own
  const stats = await lstat(folder); // of the link itself, where it is one
  if (!stats.isDirectory()) throw notOurs(folder, 'is not a folder');
  if (stats.uid !== process.getuid!()) throw notOurs(folder, `belongs to user ${stats.uid}`);
  if ((stats.mode & 0o077) !== 0) throw notOurs(folder, 'may be entered by other users');
}

/** Not `recursive`, with which Node never returns from some places that take no folders. */
async function make(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
}

/** What a process of this name listens on: a socket in the folder, on Windows a named pipe. */
export function addressIn(
  folder: string,
  name: string,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === 'win32') return `\\\\.\\pipe\\lacuna-${name}`;
  const address = path.join(folder, `${name}.sock`);
  if (Buffer.byteLength(address) <= mostPathBytes) return address;
  throw new LacunaError('internal', {
    doing: 'Cannot make a socket',
    found: `its path "${address}" is longer than ${mostPathBytes} bytes`,
    advice: `Name a folder with a shorter path in ${folderVariable}`,
  });
}

/**
 * What must be equal for two windows to share a process: the code that it runs. So another version,
 * or another build of the same one, gets a process and a lock of its own.
 * @param serverFile dist/server.js
 */
export async function buildKey(serverFile: string, version: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(serverFile));
  return `${version}-${hash.digest('hex').slice(0, 12)}`;
}

export function lockFileIn(folder: string, key: string): string {
  return path.join(folder, `${key}.lock`);
}

/** What the process says on standard error; above all its last words. */
export function errorFileIn(folder: string, key: string): string {
  return path.join(folder, `${key}.err`);
}

function notOurs(folder: string, what: string): LacunaError {
  return new LacunaError('internal', {
    doing: 'Cannot share the sampler process',
    found: `"${folder}" ${what}`,
    advice: `Remove it, or name another folder in ${folderVariable}`,
  });
}
