/**
 * The errors of commands that find nothing to work on, in the three parts of every message of Lacuna's.
 * Knows no editor.
 */
import { LacunaError } from '../../protocol/errors';

export function nothingToDo(doing: string, found: string, advice: string): LacunaError {
  return new LacunaError('badUsage', { doing, found, advice });
}

export function needsEditor(doing: string): LacunaError {
  return nothingToDo(doing, 'no text editor is active', 'Open a file and put the cursor into it');
}
