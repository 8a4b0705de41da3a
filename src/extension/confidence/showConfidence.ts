/**
 * The commands of the heat map: show it over what is selected, else over what was filled last; go to the
 * next or the previous token that the model doubts; hide it. After a fill it shows by itself where the
 * setting says so.
 */
import * as vscode from 'vscode';
import type { TextRange } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import { offsetsOf } from '../edits/documents';
import { needsEditor, nothingToDo } from '../edits/refusals';
import { showsConfidenceAfterFill } from '../settings';
import type { FilledText } from './filledText';
import type { HeatMap } from './heatMap';
import { firstVisible, unsureBeside } from './navigation';
import type { Scorer } from './scorer';
import { later, t } from '../l10n';

const doing = later('Cannot show confidence');

export function activateShowConfidence(
  context: LacunaContext,
  map: HeatMap,
  filled: FilledText,
  scorer: Scorer,
): void {
  const { registerCommand } = vscode.commands;
  const show = async (
    document: vscode.TextDocument,
    ranges: readonly TextRange[],
    isAutomatic = false,
  ) => {
    map.hide();
    const title = vscode.l10n.t('Lacuna: how sure is the model?');
    const tokens = await scorer.look({ document, ranges, doing, title, isAutomatic });
    if (tokens) map.show(document, tokens);
  };
  context.own(
    registerCommand('lacuna.showConfidence', async () => {
      const editor = vscode.window.activeTextEditor;
      if (!editor) return scorer.refuse(needsEditor(doing));
      const { document } = editor;
      const selected = selectedIn(editor);
      const ranges = selected.length > 0 ? selected : filled.in(document);
      if (ranges.length > 0) return show(document, ranges);
      const found = t('nothing is selected, and nothing was filled in this document lately');
      scorer.refuse(nothingToDo(doing, found, t('Select the text that you want to know about')));
    }),
  );
  context.own(
    registerCommand('lacuna.hideConfidence', () => {
      scorer.cancel();
      map.hide();
    }),
  );
  context.own(
    registerCommand('lacuna.nextUnsureToken', () => {
      goToUnsure(map, scorer, 1);
    }),
  );
  context.own(
    registerCommand('lacuna.previousUnsureToken', () => {
      goToUnsure(map, scorer, -1);
    }),
  );
  context.own(
    filled.onAccept(() => {
      const { document } = filled;
      if (!document || !showsConfidenceAfterFill(document)) return;
      void show(document, filled.in(document), true);
    }),
  );
}

/** Selections that hold something. */
export function selectedIn({ document, selections }: vscode.TextEditor): TextRange[] {
  return selections
    .filter(({ isEmpty }) => !isEmpty)
    .map((selection) => offsetsOf(document, selection));
}

function goToUnsure({ shown }: HeatMap, scorer: Scorer, step: 1 | -1): void {
  const editor = vscode.window.activeTextEditor;
  if (!shown || !editor || editor.document !== shown.document) return;
  const { document, selection } = editor;
  const token = unsureBeside(shown.tokens, document.offsetAt(selection.active), step);
  if (!token) return scorer.say(vscode.l10n.t('the model is sure of every token here'));
  const at = document.positionAt(firstVisible(token));
  editor.selection = new vscode.Selection(at, at);
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
