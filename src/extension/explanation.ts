/**
 * "Explain Last Completion": what became of the last request for ghost text, and how long each part
 * of it took. Started by the user, so it may use a dialog.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from './context';
import { explainRecord } from './explainRecord';

export function activateExplanation(context: LacunaContext): void {
  context.own(
    vscode.commands.registerCommand('lacuna.explainLast', () => {
      const { last } = context.requests;
      const text = last
        ? explainRecord(last)
        : vscode.l10n.t(
            'Nothing has been asked for yet. Sampler: {0}',
            context.client.status.state,
          );
      context.log.info(text);
      const showLog = vscode.l10n.t('Show Log');
      // Not awaited: a command that waits for its own dialog would seem to hang to its caller. A
      // window that closes cancels the dialog, which is no error.
      void vscode.window.showInformationMessage(text, showLog).then(
        (choice) => {
          if (choice === showLog) context.log.show();
        },
        () => {},
      );
      return text;
    }),
  );
}
