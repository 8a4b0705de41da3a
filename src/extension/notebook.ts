/**
 * The other cells of a notebook as text around one of them: code of the same language, in the notebook's
 * order, a blank line between two. Knows no request, and of a cell nothing but its text.
 */
import * as vscode from 'vscode';
import { joinedAbove, joinedBelow, prefixReach, suffixReach, type Around } from './surroundings';

const cellScheme = 'vscode-notebook-cell';

/** The notebook that a document is a cell of. */
export function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  if (document.uri.scheme !== cellScheme) return undefined;
  return vscode.workspace.notebookDocuments.find((notebook) => cellIndex(notebook, document) >= 0);
}

/** Where a cell stands in its notebook; -1 for a document that is no cell. */
export function placeInNotebook(document: vscode.TextDocument): number {
  const notebook = notebookOf(document);
  return notebook ? cellIndex(notebook, document) : -1;
}

/** Undefined: the document is no cell. */
export function cellsAround(document: vscode.TextDocument): Around | undefined {
  const notebook = notebookOf(document);
  if (!notebook) return undefined;
  const cells = notebook.getCells();
  const index = cellIndex(notebook, document);
  const isCode = ({ kind, document: cell }: vscode.NotebookCell) =>
    kind === vscode.NotebookCellKind.Code && cell.languageId === document.languageId;
  const above = nearest(cells.slice(0, index).filter(isCode).reverse(), prefixReach).reverse();
  const below = nearest(cells.slice(index + 1).filter(isCode), suffixReach);
  return { above: joinedAbove(above), below: joinedBelow(document.getText(), below) };
}

function cellIndex(notebook: vscode.NotebookDocument, document: vscode.TextDocument): number {
  return notebook.getCells().findIndex((cell) => cell.document === document);
}

/** Texts until they fill the reach: a long notebook costs what a short one does. */
function nearest(cells: readonly vscode.NotebookCell[], reach: number): string[] {
  const texts: string[] = [];
  let length = 0;
  for (const { document } of cells) {
    if (length >= reach) break;
    const text = document.getText();
    texts.push(text);
    length += text.length;
  }
  return texts;
}
