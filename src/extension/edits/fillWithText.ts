/**
 * "Fill with Text": the gap at the cursor must contain a given text; what belongs before and after it
 * is found around it. A selection is taken for that text, and the gap opens on both sides of it.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { withLineFeeds } from '../ghostText/lineEnds';
import { offsetsOf } from './documents';
import type { EditSessions } from './editSessions';
import { needsEditor } from './refusals';
import { firstWish } from './wish';
import { later } from '../l10n';

const doing = later('Cannot fill with the text');

export function activateFillWithText(context: LacunaContext, sessions: EditSessions): void {
  context.own(
    vscode.commands.registerCommand('lacuna.fillWithText', async (given?: unknown) => {
      const editor = vscode.window.activeTextEditor;
      if (!editor) return sessions.refuse(needsEditor(doing));
      const { document, selection } = editor;
      const contains = typeof given === 'string' ? given : await ask(document.getText(selection));
      if (!contains) return;
      const range = offsetsOf(document, selection);
      await sessions.start({
        doing,
        documents: [{ document, targets: [{ range, kind: 'gap', contains }] }],
        wish: firstWish(),
      });
    }),
  );
}

/** An input box holds one line; a selection of several is taken as it is. */
async function ask(selected: string): Promise<string | undefined> {
  const text = withLineFeeds(selected);
  if (text.includes('\n')) return text;
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Fill with Text'),
    prompt: vscode.l10n.t('Text that the gap must contain; both sides are found around it'),
    value: text,
  });
}
