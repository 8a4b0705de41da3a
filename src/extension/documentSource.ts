/**
 * A VS Code document as the pure files of this folder see one: text by offsets, the line end, and
 * the indentation of the editor that shows it. A cell of a notebook has the other cells around it.
 */
import * as vscode from 'vscode';
import type { Indentation } from './ghostText/indentation';
import { cellsAround } from './notebook';
import type { TextSource } from './surroundings';

export function documentSource(document: vscode.TextDocument): TextSource {
  return {
    length: document.offsetAt(document.lineAt(document.lineCount - 1).range.end),
    slice: (start, end) =>
      document.getText(new vscode.Range(document.positionAt(start), document.positionAt(end))),
    get around() {
      return cellsAround(document);
    },
  };
}

export function lineEnd(document: vscode.TextDocument): '\n' | '\r\n' {
  return document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
}

export function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  if (activeTextEditor?.document === document) return activeTextEditor;
  return visibleTextEditors.find((editor) => editor.document === document);
}

export function editorIndentation(editor: vscode.TextEditor | undefined): Indentation {
  // The types allow "auto" for writing; reading gives what VS Code detected.
  const { insertSpaces, tabSize } = editor?.options ?? {};
  return {
    insertSpaces: insertSpaces !== false,
    tabSize: typeof tabSize === 'number' ? tabSize : 4,
  };
}
