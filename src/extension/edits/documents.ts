/**
 * Small bridges between VS Code's documents and the offsets of this folder's pure files, and which
 * editors and tabs show a document. Holds no state.
 */
import * as vscode from 'vscode';
import type { TextRange } from '../../protocol/messages';
import { documentSource, editorIndentation, editorOf, lineEnd } from '../documentSource';
import { notebookOf } from '../notebook';
import { contextAfter } from '../surroundings';
import type { Place } from './replacement';
import type { TextChange } from './trackedRanges';

/** Enough to see that a fill repeats the lines that follow it. */
const followingReach = 2000; // UTF-16 units

export function rangeOf(document: vscode.TextDocument, { start, end }: TextRange): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

export function offsetsOf(document: vscode.TextDocument, range: vscode.Range): TextRange {
  return { start: document.offsetAt(range.start), end: document.offsetAt(range.end) };
}

export function changesOf({ contentChanges }: vscode.TextDocumentChangeEvent): TextChange[] {
  return contentChanges.map(({ rangeOffset, rangeLength, text }) => ({
    offset: rangeOffset,
    length: rangeLength,
    text,
  }));
}

/** Editors of a document that stand for themselves; a diff's sides show their differences already. */
export function plainEditorsOf(document: vscode.TextDocument): vscode.TextEditor[] {
  return vscode.window.visibleTextEditors.filter(
    (editor) => editor.document === document && !isInDiff(editor),
  );
}

/** The left side of a diff has no column of its own. */
function isInDiff({ viewColumn, document }: vscode.TextEditor): boolean {
  const uri = document.uri.toString();
  return vscode.window.tabGroups.all.some((group) => {
    const input = group.activeTab?.input;
    if (!(input instanceof vscode.TabInputTextDiff)) return false;
    const isSide = [input.original, input.modified].some((side) => side.toString() === uri);
    return isSide && (viewColumn === undefined || viewColumn === group.viewColumn);
  });
}

/** Some tab, visible or behind another, still has the document. */
export function hasTab(document: vscode.TextDocument): boolean {
  const uri = document.uri.toString();
  const notebook = notebookOf(document);
  const wanted = new Set([uri, ...(notebook ? [notebook.uri.toString()] : [])]);
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .some(({ input }) => urisOf(input).some((shown) => wanted.has(shown.toString())));
}

function urisOf(input: unknown): vscode.Uri[] {
  if (input instanceof vscode.TabInputTextDiff) return [input.original, input.modified];
  const isOne =
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputNotebook ||
    input instanceof vscode.TabInputCustom;
  return isOne ? [input.uri] : [];
}

/** What stands around a range on its own lines, and how its document is written. */
export function placeOf(document: vscode.TextDocument, range: TextRange): Place {
  const { start } = rangeOf(document, range);
  return {
    lineBefore: document.lineAt(start.line).text.slice(0, start.character),
    suffix: contextAfter(documentSource(document), range.end, followingReach),
    lineEnd: lineEnd(document),
    indentation: editorIndentation(editorOf(document)),
  };
}
