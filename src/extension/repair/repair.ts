/**
 * "Denoise this again with Lacuna": a quick fix for errors that others report. Their place and a margin
 * around it become a proposal like any other; once that is accepted, the errors are counted again.
 * Understands no error, and writes nothing itself.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { isDisabledFile } from '../disabledFiles';
import type { EditSessions } from '../edits/editSessions';
import { readInlineSettings, readRepairMargin } from '../settings';
import { countErrors, isForeignError, settledErrors } from './errorCounts';
import { activateRegenerateRange, regenerateRange } from './regenerateRange';
import { repairRange } from './repairRange';

const repairCommand = 'lacuna.internal.repair';
const sayMs = 10_000;

export interface Repair {
  /** Errors before and after the last repair that was accepted. */
  readonly counts: { readonly before: number; readonly after: number } | undefined;
}

export function activateRepair(context: LacunaContext, sessions: EditSessions): Repair {
  let counts: Repair['counts'];
  activateRegenerateRange(context, sessions);
  context.own(
    vscode.languages.registerCodeActionsProvider(
      '*',
      {
        provideCodeActions(document, _range, { diagnostics }) {
          const errors = diagnostics.filter(isForeignError);
          if (errors.length === 0) return [];
          if (isDisabledFile(document, readInlineSettings(document).disabledFiles)) return [];
          return errors.flatMap((error) => repairAction(document, error) ?? []);
        },
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
  context.own(
    vscode.commands.registerCommand(repairCommand, async (uri: vscode.Uri, range: vscode.Range) => {
      const before = countErrors(uri);
      const last = sessions.last;
      await regenerateRange(uri, range);
      const session = sessions.last;
      if (!session?.isUp || session === last) return;
      const listener = session.onChange(async () => {
        if (session.isUp) return;
        listener.dispose();
        if (session.state !== 'accepted') return;
        const after = await settledErrors(uri);
        counts = { before, after };
        const text = vscode.l10n.t('errors before: {0}, now: {1}', before, after);
        void vscode.window.setStatusBarMessage(`$(info) Lacuna: ${text}`, sayMs);
      });
    }),
  );
  return {
    get counts() {
      return counts;
    },
  };
}

function repairAction(
  document: vscode.TextDocument,
  error: vscode.Diagnostic,
): vscode.CodeAction | undefined {
  // A diagnostic may be older than the text.
  if (!document.validateRange(error.range).isEqual(error.range)) return undefined;
  const lines = {
    count: document.lineCount,
    at: (line: number) => document.lineAt(line).text,
  };
  const { start, end } = repairRange(lines, error.range, readRepairMargin(document));
  const range = new vscode.Range(start.line, start.character, end.line, end.character);
  if (document.getText(range).trim() === '') return undefined;
  const title = vscode.l10n.t('Denoise this again with Lacuna');
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.diagnostics = [error];
  action.command = { title, command: repairCommand, arguments: [document.uri, range] };
  return action;
}
