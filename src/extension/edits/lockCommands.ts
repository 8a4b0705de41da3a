/**
 * The commands that lock text against the next regenerate: the selection, everything that matches a
 * regular expression, and the one that unlocks all of it. The locks themselves are in lockStore.ts.
 */
import * as vscode from 'vscode';
import type { TextRange } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import { offsetsOf } from './documents';
import type { EditSessions } from './editSessions';
import { matchesOf } from './locks';
import { needsEditor, nothingToDo } from './refusals';
import { trimmedRange } from './target';
import { later, t } from '../l10n';

const doing = later('Cannot lock');

export function activateLockCommands(context: LacunaContext, sessions: EditSessions): void {
  const { registerCommand } = vscode.commands;
  const lock = ({ document }: vscode.TextEditor, ranges: readonly TextRange[], empty: string) => {
    if (ranges.length === 0) {
      return sessions.refuse(nothingToDo(doing, empty, t('Select what is to stay as it is')));
    }
    sessions.locks.add(document, ranges);
    sessions.say(vscode.l10n.t('locked for the next regenerate, places: {0}', ranges.length));
  };
  context.own(
    registerCommand('lacuna.lockSelection', () => {
      const editor = vscode.window.activeTextEditor;
      if (!editor) return sessions.refuse(needsEditor(doing));
      const ranges = editor.selections.flatMap((selection) => lockedBy(editor.document, selection));
      lock(editor, ranges, t('nothing is selected and the line is blank'));
    }),
  );
  context.own(
    registerCommand('lacuna.lockPattern', async (given?: unknown) => {
      const editor = vscode.window.activeTextEditor;
      if (!editor) return sessions.refuse(needsEditor(doing));
      const source = typeof given === 'string' ? given : await askPattern(editor);
      const pattern = source === undefined ? undefined : compiled(source);
      if (pattern === undefined) return;
      if (typeof pattern === 'string') {
        return sessions.refuse(
          nothingToDo(doing, pattern, t('Write a JavaScript regular expression')),
        );
      }
      lock(editor, matchesIn(editor, pattern), t('the pattern matches nothing here'));
    }),
  );
  context.own(
    registerCommand('lacuna.unlockAll', () => {
      sessions.locks.clear();
      sessions.say(vscode.l10n.t('nothing is locked any more'));
    }),
  );
}

/** What is selected, else the word at the cursor, else its line. */
function lockedBy(document: vscode.TextDocument, selection: vscode.Selection): TextRange[] {
  const word = document.getWordRangeAtPosition(selection.active);
  const range = selection.isEmpty
    ? (word ?? document.lineAt(selection.active.line).range)
    : selection;
  const locked = trimmedRange(document.getText(range), offsetsOf(document, range));
  return locked ? [locked] : [];
}

/** In the selections, else in the whole document. */
function matchesIn({ document, selections }: vscode.TextEditor, pattern: RegExp): TextRange[] {
  const selected = selections.filter(({ isEmpty }) => !isEmpty);
  const everything = { start: 0, end: document.getText().length };
  const places =
    selected.length > 0
      ? selected.map((selection) => offsetsOf(document, selection))
      : [everything];
  return places.flatMap(({ start, end }) =>
    matchesOf(document.getText().slice(start, end), pattern).map((match) => ({
      start: start + match.start,
      end: start + match.end,
    })),
  );
}

/** Offers the word at the cursor: the commonest pattern is a symbol. */
function askPattern({ document, selection }: vscode.TextEditor): Thenable<string | undefined> {
  const word = document.getWordRangeAtPosition(selection.active);
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Lock Pattern'),
    prompt: vscode.l10n.t('Regular expression; its matches stay as they are'),
    value: word ? `\\b${document.getText(word)}\\b` : '',
    validateInput: (value) => {
      const pattern = compiled(value);
      return typeof pattern === 'string' ? pattern : undefined;
    },
  });
}

/** The pattern, what is wrong with it, or undefined where there is none. */
function compiled(source: string): RegExp | string | undefined {
  if (source === '') return undefined;
  try {
    return new RegExp(source, 'gm');
  } catch (thrown) {
    return (thrown as Error).message;
  }
}
