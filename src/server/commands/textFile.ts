/**
 * Reads what the user named on the command line, and says in one sentence why it cannot. Text must
 * be UTF-8: a fill in a file that was read wrongly would be written back wrongly.
 */
import { readFile } from 'node:fs/promises';
import { isDiskFull } from '../../protocol/diskFull';
import { LacunaError } from '../../protocol/errors';

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
    return await readFile(file);
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
