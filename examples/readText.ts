import { readFile } from 'node:fs/promises';
import path from '<fill>

/** The text of a file in a folder. */
export function readText(folder: string, name: string): Promise<string> {
  return readFile(path.join(folder, name), 'utf8');
}
