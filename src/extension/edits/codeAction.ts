/**
 * "Regenerate with Lacuna" among the refactorings of a selection. Offers the command and nothing more;
 * where Lacuna may not read a file, nothing is offered.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { isDisabledFile } from '../disabledFiles';
import { readInlineSettings } from '../settings';

const kind = vscode.CodeActionKind.RefactorRewrite.append('lacuna');

export function activateCodeAction(context: LacunaContext): void {
  context.own(
    vscode.languages.registerCodeActionsProvider(
      '*',
      {
        provideCodeActions(document, range) {
          const isBlank = document.getText(range).trim() === '';
          const { disabledFiles } = readInlineSettings(document);
          if (isBlank || isDisabledFile(document, disabledFiles)) return [];
          const title = vscode.l10n.t('Regenerate with Lacuna');
          const action = new vscode.CodeAction(title, kind);
          action.command = { title, command: 'lacuna.regenerateSelection' };
          return [action];
        },
      },
      { providedCodeActionKinds: [kind] },
    ),
  );
}
