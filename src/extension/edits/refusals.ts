/**
 * The errors of commands that find nothing to work on, in the three parts of every message of Lacuna's.
 * Knows no editor.
 */
import { LacunaError } from '../../protocol/errors';
import { t } from '../l10n';

export function nothingToDo(doing: string, found: string, advice: string): LacunaError {
  return new LacunaError('badUsage', { doing, found, advice });
}

export function needsEditor(doing: string): LacunaError {
  return nothingToDo(
    doing,
    t('no text editor is active'),
    t('Open a file and put the cursor into it'),
  );
}
