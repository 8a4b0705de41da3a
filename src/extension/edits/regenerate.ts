/**
 * "Regenerate Selection", with or without an instruction: what is selected becomes a draft, of which a
 * share is masked and denoised again. Without a selection it is the line of the cursor, and that is
 * said. How strong, and what stays, is decided by settings and locks.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { readEditSettings } from '../settings';
import { offsetsOf } from './documents';
import type { EditSessions } from './editSessions';
import { askInstruction } from './instructionPrompt';
import { growthFor } from './instructions';
import { needsEditor, nothingToDo } from './refusals';
import { trimmedRange, type TargetWish } from './target';
import { firstWish } from './wish';
import { later, t } from '../l10n';

const doing = later('Cannot regenerate');

export function activateRegenerate(context: LacunaContext, sessions: EditSessions): void {
  context.own(
    vscode.commands.registerCommand('lacuna.regenerateSelection', () => regenerate(sessions)),
  );
  context.own(
    vscode.commands.registerCommand(
      'lacuna.regenerateWithInstruction',
      async (instruction?: unknown) => {
        const given = typeof instruction === 'string' ? instruction : undefined;
        const wanted = given ?? (await askInstruction(context.extension.workspaceState));
        if (wanted === undefined) return;
        if (context.client.status.model?.followsInstructions === false) {
          sessions.say(vscode.l10n.t('this model was not trained to follow instructions'));
        }
        await regenerate(sessions, wanted);
      },
    ),
  );
}

async function regenerate(sessions: EditSessions, instruction?: string): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return sessions.refuse(needsEditor(doing));
  const { document } = editor;
  const isSelected = editor.selections.some(({ isEmpty }) => !isEmpty);
  const targets = isSelected ? selectedDrafts(editor) : lineDrafts(editor);
  if (targets.length === 0) {
    const found = isSelected
      ? t('only white space is selected')
      : t('the line of the cursor is blank');
    const advice = t('Select some code; "Lacuna: Fill at Cursor" fills where there is none');
    return sessions.refuse(nothingToDo(doing, found, advice));
  }
  if (!isSelected) sessions.say(vscode.l10n.t('nothing is selected, so this is the current line'));
  const { strength, order } = readEditSettings(document);
  const growth = instruction === undefined ? 1 : growthFor(instruction);
  await sessions.start({
    doing,
    documents: [{ document, targets }],
    wish: firstWish({ strength, order, growth }),
    ...(instruction !== undefined && { instruction }),
  });
}

function selectedDrafts({ document, selections }: vscode.TextEditor): TargetWish[] {
  return selections.flatMap((selection) => draftsOf(document, selection));
}

function lineDrafts({ document, selections }: vscode.TextEditor): TargetWish[] {
  const lines = new Set(selections.map(({ active }) => active.line));
  return [...lines].flatMap((line) => draftsOf(document, document.lineAt(line).range));
}

function draftsOf(document: vscode.TextDocument, selected: vscode.Range): TargetWish[] {
  const range = trimmedRange(document.getText(selected), offsetsOf(document, selected));
  return range ? [{ range, kind: 'draft' }] : [];
}
