/**
 * "Scan for Surprises": every token of what is selected, else of what is in view, is scored, and the
 * unlikely ones get a remark and a quick fix. Nothing runs by itself. Which tokens are worth it is
 * decided in surprises.ts.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { lineEnd } from '../documentSource';
import { offsetsOf, rangeOf } from '../edits/documents';
import { needsEditor } from '../edits/refusals';
import { withDocumentLineEnds } from '../ghostText/lineEnds';
import { readScanThreshold } from '../settings';
import { shown as visible } from './hoverText';
import { Remarks, remarkSource } from './remarks';
import type { Scorer } from './scorer';
import { selectedIn } from './showConfidence';
import { findSurprises, type SurprisingToken } from './surprises';
import { later } from '../l10n';

const doing = later('Cannot scan for surprises');

export function activateScan(context: LacunaContext, scorer: Scorer): void {
  const remarks = context.own(new Remarks());
  const { registerCommand } = vscode.commands;
  context.own(registerCommand('lacuna.scanSelection', () => scan(scorer, remarks)));
  context.own(
    registerCommand('lacuna.clearScan', () => {
      scorer.cancel();
      remarks.clear();
    }),
  );
  context.own(
    vscode.languages.registerCodeActionsProvider(
      '*',
      {
        provideCodeActions(document, range, { diagnostics }) {
          const own = diagnostics.filter(({ source }) => source === remarkSource);
          return remarks
            .tokensIn(document, range)
            .map((token) => replacementAction(document, token, own));
        },
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
}

async function scan(scorer: Scorer, remarks: Remarks): Promise<void> {
  const { t } = vscode.l10n;
  const editor = vscode.window.activeTextEditor;
  if (!editor) return scorer.refuse(needsEditor(doing));
  const { document } = editor;
  const selected = selectedIn(editor);
  const isSelected = selected.length > 0;
  const ranges = isSelected
    ? selected
    : editor.visibleRanges.map((range) => offsetsOf(document, wholeLines(document, range)));
  const title = isSelected
    ? t('Lacuna: scanning the selection for surprises')
    : t('Lacuna: nothing is selected, so what is in view is scanned for surprises');
  const tokens = await scorer.look({ document, ranges, doing, title });
  if (!tokens) return;
  const { shown, rest } = findSurprises(tokens, readScanThreshold(document));
  remarks.set(document, shown);
  const count = shown.length + rest;
  const where = isSelected ? t('in the selection') : t('in view (nothing was selected)');
  if (count === 0) scorer.say(t('no surprise {0}', where));
  else if (rest === 0) scorer.say(t('surprises {0}: {1}', where, count));
  else {
    scorer.say(t('surprises {0}: {1}; the {2} least likely are shown', where, count, shown.length));
  }
}

/** The last line in view ends where the next begins, and its text may go on behind the border. */
function wholeLines(document: vscode.TextDocument, { start, end }: vscode.Range): vscode.Range {
  return new vscode.Range(start.line, 0, end.line, document.lineAt(end.line).range.end.character);
}

function replacementAction(
  document: vscode.TextDocument,
  token: SurprisingToken,
  own: readonly vscode.Diagnostic[],
): vscode.CodeAction {
  const from = visible(token.text);
  const title = vscode.l10n.t('Replace {0} by {1}', from, visible(token.expected.text));
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  const range = rangeOf(document, token);
  action.diagnostics = own.filter((diagnostic) => diagnostic.range.intersection(range));
  action.edit = new vscode.WorkspaceEdit();
  const text = withDocumentLineEnds(token.expected.text, lineEnd(document));
  action.edit.replace(document.uri, range, text);
  return action;
}
