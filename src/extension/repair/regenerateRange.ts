/**
 * Has all of a range denoised again, as a proposal like any other. Not in the palette: links and quick
 * fixes run it. What is wrong with the range is its callers' business.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { offsetsOf } from '../edits/documents';
import type { EditSessions } from '../edits/editSessions';
import { nothingToDo } from '../edits/refusals';
import { trimmedRange } from '../edits/target';
import { firstWish } from '../edits/wish';
import { later, t } from '../l10n';

const doing = later('Cannot denoise this again');
/** Percent: whoever points at a place wants that place anew, not the half of it. */
const strength = 100;

export function activateRegenerateRange(context: LacunaContext, sessions: EditSessions): void {
  context.own(
    vscode.commands.registerCommand('lacuna.regenerateRange', async (uri: unknown, at: unknown) => {
      if (!(uri instanceof vscode.Uri) || !(at instanceof vscode.Range)) {
        const found = t('it was not said which range of which document');
        return sessions.refuse(nothingToDo(doing, found, t('Run "Lacuna: Regenerate Selection"')));
      }
      const document = await vscode.workspace.openTextDocument(uri);
      const wanted = document.validateRange(at);
      const range = trimmedRange(document.getText(wanted), offsetsOf(document, wanted));
      if (!range) {
        const found = t('there is nothing but white space');
        return sessions.refuse(nothingToDo(doing, found, t('Select some code')));
      }
      await sessions.start({
        doing,
        documents: [{ document, targets: [{ range, kind: 'draft' }] }],
        wish: firstWish({ strength }),
      });
    }),
  );
}

/** Resolves when the proposal is there, or will not come. */
export async function regenerateRange(uri: vscode.Uri, range: vscode.Range): Promise<void> {
  await vscode.commands.executeCommand('lacuna.regenerateRange', uri, range);
}
