/**
 * Reads and writes what the user named on the command line, and says in one sentence why it cannot. Text must
 * be UTF-8: a fill in a file that was read wrongly would be written back wrongly. What was read is never
 * written over.
 */
import { realpath, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDiskFull } from '../../protocol/diskFull';
import { LacunaError } from '../../protocol/errors';

/** Real paths of what this run of a command has read. */
const inputs = new Set<string>();

/** A file's text without its byte order mark. @throws LacunaError `badInput`. */
export async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw cannotRead(file, 'it is not UTF-8 text', 'Convert it to UTF-8');
  }
}

/** A JSON file's value. @throws LacunaError `badInput`. */
export async function readJson(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    throw cannotRead(file, `it is not JSON (${(thrown as Error).message})`, 'Correct the file');
  }
}

export async function readBytes(file: string): Promise<Buffer> {
  try {
    const bytes = await readFile(file);
    inputs.add(await realpath(file));
    return bytes;
  } catch (thrown) {
    throw cannotRead(file, reasonOf(thrown), 'Check the path');
  }
}

function reasonOf(thrown: unknown): string {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'permission is denied';
  return message;
}

/**
 * Before the work whose result goes there. @throws LacunaError `badUsage` for a file that was read, or a folder.
 */
export async function checkOutput(file: string): Promise<void> {
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) return;
  const doing = `Cannot write "${file}"`;
  if (inputs.has(real)) {
    const found = 'it is what the command reads';
    throw new LacunaError('badUsage', { doing, found, advice: 'Name another file' });
  }
  if ((await stat(real)).isDirectory()) {
    throw new LacunaError('badUsage', { doing, found: 'it is a folder', advice: 'Name a file' });
  }
}

/** Beside its place and renamed, so that what was there stays where writing fails. @throws LacunaError. */
export async function writeResult(file: string, contents: string | Uint8Array): Promise<void> {
  await checkOutput(file);
  // A link stays a link; what is no plain file (a pipe, /dev/stdout) is written to as it is.
  const place = await realpath(file).catch(() => path.resolve(file));
  const isPlain = await stat(place).then(
    (found) => found.isFile(),
    () => true,
  );
  const beside = isPlain ? `${place}.${process.pid}.part` : place;
  try {
    await writeFile(beside, contents);
    if (isPlain) await rename(beside, place);
  } catch (thrown) {
    if (isPlain) await rm(beside, { force: true });
    throw cannotWrite(file, thrown);
  }
}

/** Why a file that the user named could not be written. */
export function cannotWrite(file: string, thrown: unknown): LacunaError {
  const doing = `Cannot write "${file}"`;
  if (isDiskFull(thrown)) {
    const advice = 'Free some space, or name a file on another disk';
    return new LacunaError('diskFull', { doing, found: 'the disk is full', advice });
  }
  return new LacunaError('badInput', {
    doing,
    found: reasonOf(thrown),
    advice: 'Name a file in a folder that can be written to',
  });
}

function cannotRead(file: string, found: string, advice: string): LacunaError {
  return new LacunaError('badInput', { doing: `Cannot read "${file}"`, found, advice });
}
