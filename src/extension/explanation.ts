/**
 * "Explain Last Suggestion": what became of the last request for ghost text, how long each part of it
 * took, and what was sent. Started by the user, so it may use a dialog.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from './context';
import { explainRecord, sentText } from './explainRecord';
import { showPlainPage } from './help/pages';

export function activateExplanation(context: LacunaContext): void {
  context.own(
    vscode.commands.registerCommand('lacuna.explainLast', () => {
      const { last, lastSent } = context.requests;
      const text = last
        ? explainRecord(last)
        : vscode.l10n.t(
            'Nothing has been asked for yet. Sampler: {0}',
            context.client.status.state,
          );
      context.log.info(text);
      const showLog = vscode.l10n.t('Show Log');
      const showSent = vscode.l10n.t('Show What Was Sent');
      const buttons = lastSent ? [showLog, showSent] : [showLog];
      // Not awaited: a command that waits for its own dialog would seem to hang to its caller. A
      // window that closes cancels the dialog, which is no error.
      void vscode.window.showInformationMessage(text, ...buttons).then(
        async (choice) => {
          if (choice === showLog) context.log.show();
          if (choice !== showSent || !lastSent) return;
          const languageId = lastSent.languageId ?? 'plaintext';
          await showPlainPage(vscode.l10n.t('What Was Sent'), sentText(lastSent), languageId);
        },
        () => {},
      );
      return text;
    }),
  );
}
