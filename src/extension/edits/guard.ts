/**
 * Which documents a proposal may be made for: those that Lacuna may read and VS Code can write. Says
 * why not before anything is sent. That an editor is read-only by a setting of VS Code cannot be seen
 * from an extension; there the edit itself is refused, and nothing is lost.
 */
import * as vscode from 'vscode';
import { LacunaError } from '../../protocol/errors';
import { fileRefusal } from '../disabledFiles';
import { notebookOf } from '../notebook';
import { readInlineSettings } from '../settings';
import { explainSilence } from '../silence';
import { t } from '../l10n';

/** @throws LacunaError `badInput` with the reason. */
export async function checkDocument(document: vscode.TextDocument, doing: string): Promise<void> {
  const refuse = (found: string, advice: string) =>
    new LacunaError('badInput', { doing, found, advice });
  const refusal = fileRefusal(document, readInlineSettings(document).disabledFiles);
  if (refusal === 'disabledFile') {
    throw refuse(explainSilence(refusal), t('See the setting "lacuna.disabledFiles"'));
  }
  if (refusal) throw refuse(explainSilence(refusal), t('See the file ".lacunaignore"'));
  if (await isReadOnly((notebookOf(document) ?? document).uri)) {
    throw refuse(
      t('the document is read-only'),
      t('Copy the text into a file that can be changed'),
    );
  }
}

async function isReadOnly(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme === 'untitled') return false; // in no file system, and can be written
  const { fs } = vscode.workspace;
  if (fs.isWritableFileSystem(uri.scheme) !== true) return true;
  try {
    const { permissions = 0 } = await fs.stat(uri);
    return (permissions & vscode.FilePermission.Readonly) !== 0;
  } catch {
    return false; // not saved yet, or deleted: saving makes it
  }
}
