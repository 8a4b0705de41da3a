/**
 * Writes accepted fills into their documents: all gaps of a document in one undo step. Through the
 * editor where a single document has one, since VS Code then minds what the editor may do; else as one
 * workspace edit, which is checked against the versions of all documents before any is changed.
 */
import * as vscode from 'vscode';
import type { TextRange } from '../../protocol/messages';
import { plainEditorsOf, rangeOf } from './documents';

export interface Replacement {
  readonly document: vscode.TextDocument;
  readonly range: TextRange;
  readonly text: string;
}

/** False: VS Code refused, and nothing was written. */
export async function applyReplacements(all: readonly Replacement[]): Promise<boolean> {
  const replacements = all.filter(({ document, range, text }) => {
    return document.getText(rangeOf(document, range)) !== text;
  });
  const versions = new Map(replacements.map(({ document }) => [document, document.version]));
  if (replacements.length > 0 && !(await write(replacements))) return false;
  // A read-only editor says that it has done it.
  return [...versions].every(([document, version]) => document.version > version);
}

async function write(replacements: readonly Replacement[]): Promise<boolean> {
  const documents = new Set(replacements.map(({ document }) => document));
  const [document] = documents as Set<vscode.TextDocument>;
  const { version } = document!;
  const editor = documents.size === 1 ? await editorFor(document!) : undefined;
  if (document!.version !== version) return false; // somebody typed while it came to the front
  if (editor) {
    const put = (builder: vscode.TextEditorEdit) => {
      for (const { range, text } of replacements) builder.replace(rangeOf(document!, range), text);
    };
    return editor.edit(put, { undoStopBefore: true, undoStopAfter: true });
  }
  const edit = new vscode.WorkspaceEdit();
  for (const { document: changed, range, text } of replacements) {
    edit.replace(changed.uri, rangeOf(changed, range), text);
  }
  return vscode.workspace.applyEdit(edit);
}

/** Brings the document to the front where its diff, or another tab, covers it. */
async function editorFor(document: vscode.TextDocument): Promise<vscode.TextEditor | undefined> {
  const [shown] = plainEditorsOf(document);
  if (shown || document.uri.scheme === 'vscode-notebook-cell') return shown;
  return vscode.window.showTextDocument(document, { preview: false });
}
