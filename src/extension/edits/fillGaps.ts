/**
 * "Fill All Gaps": several cursors or selections, else the hole marks of the document, else those of
 * all visible editors, become gaps on one canvas and are denoised together, so that they can agree on
 * names. Which marks there are is a setting; whether it all fits is for the sampler to say.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { placeInNotebook } from '../notebook';
import { readHoleMarks } from '../settings';
import { offsetsOf } from './documents';
import type { EditSessions } from './editSessions';
import { checkDocument } from './guard';
import { findHoleMarks } from './holeMarks';
import { nothingToDo } from './refusals';
import type { TargetWish } from './target';
import type { TargetsIn } from './targetList';
import { firstWish } from './wish';
import { later, t } from '../l10n';

const doing = later('Cannot fill the gaps');

export function activateFillGaps(context: LacunaContext, sessions: EditSessions): void {
  context.own(
    vscode.commands.registerCommand('lacuna.fillAllGaps', async () => {
      const editor = vscode.window.activeTextEditor;
      const own = editor ? gapsOf(editor) : [];
      if (own.length === 0) return fillVisible(sessions);
      await fill(sessions, [{ document: editor!.document, targets: own }]);
    }),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.fillAllGapsInVisibleEditors', () =>
      fillVisible(sessions),
    ),
  );
}

function fill(sessions: EditSessions, documents: readonly TargetsIn[]): Promise<void> {
  return sessions.start({ doing, documents, wish: firstWish() });
}

/** Documents that Lacuna may not touch are left out, unless there are no others. */
async function fillVisible(sessions: EditSessions): Promise<void> {
  const allowed: vscode.TextDocument[] = [];
  let refused: unknown;
  for (const document of visibleDocuments()) {
    if (markedGaps(document).length === 0) continue;
    await checkDocument(document, doing).then(
      () => allowed.push(document),
      (reason: unknown) => (refused ??= reason),
    );
  }
  // Looked for again: a document may have changed while another was being checked.
  const marked = allowed.map((document) => ({ document, targets: markedGaps(document) }));
  const documents = marked.filter(({ targets }) => targets.length > 0);
  if (documents.length > 0) return fill(sessions, documents);
  const found = t('there is one cursor, and no visible editor has a hole mark');
  const advice = t('Put several cursors, or write <fill> where something is missing');
  sessions.refuse(refused ?? nothingToDo(doing, found, advice));
}

/** Several cursors or selections; else the marks, within a selection where it holds some. */
function gapsOf({ document, selections }: vscode.TextEditor): TargetWish[] {
  if (selections.length > 1) {
    return selections.map((selection) => ({ range: offsetsOf(document, selection), kind: 'gap' }));
  }
  const all = markedGaps(document);
  const within = offsetsOf(document, selections[0]!);
  const selected = all.filter(
    ({ range }) => range.start >= within.start && range.end <= within.end,
  );
  return selected.length > 0 ? selected : all;
}

function markedGaps(document: vscode.TextDocument): TargetWish[] {
  const marks = findHoleMarks(document.getText(), readHoleMarks(document));
  return marks.map((range) => ({ range, kind: 'gap' }));
}

/** From left to right, the cells of a notebook (which have no column) in its order; each once. */
function visibleDocuments(): vscode.TextDocument[] {
  const columnOf = ({ viewColumn }: vscode.TextEditor): number => viewColumn ?? 1000;
  const placeOf = ({ document }: vscode.TextEditor) => placeInNotebook(document);
  const editors = vscode.window.visibleTextEditors.toSorted(
    (a, b) => columnOf(a) - columnOf(b) || placeOf(a) - placeOf(b),
  );
  return [...new Set(editors.map(({ document }) => document))];
}
