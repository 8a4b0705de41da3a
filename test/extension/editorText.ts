/**
 * Documents for the suites about proposals: `[...]` marks selections and `|` cursors in a text. The
 * same three kinds everywhere: Python, TypeScript, and a CRLF file with tabs. Knows no single test.
 */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import type { EditReport } from '../../src/extension/edits/report';
import { openUntitled, until } from './workbench';

export interface Marked {
  readonly editor: vscode.TextEditor;
  readonly document: vscode.TextDocument;
  /** The document's text when it was opened. */
  readonly text: string;
}

export const kinds = [
  {
    name: 'Python',
    language: 'python',
    text: 'def area(width, height):\n    size = [width * height]\n    return size\n',
  },
  {
    name: 'TypeScript',
    language: 'typescript',
    text: 'function area(width: number, height: number) {\n  const size = [width * height];\n  return size;\n}\n',
  },
  {
    name: 'a CRLF file with tabs',
    language: 'javascript',
    text: 'function area(width, height) {\r\n\tconst size = [width * height];\r\n\treturn size;\r\n}\r\n',
  },
];

/** An untitled document. Its own line ends decide those of VS Code's document. */
export async function openMarked(marked: string, language = 'typescript'): Promise<Marked> {
  const { text, ranges } = unmarked(marked);
  const document = await openUntitled(text, language);
  return select(await vscode.window.showTextDocument(document), text, ranges);
}

/** A file on the disk, which must hold the text without its marks. */
export async function openFile(uri: vscode.Uri, marked: string): Promise<Marked> {
  const { text, ranges } = unmarked(marked);
  return select(await vscode.window.showTextDocument(uri, { preview: false }), text, ranges);
}

export function unmarked(marked: string): { text: string; ranges: [number, number][] } {
  const ranges: [number, number][] = [];
  let text = '';
  for (const piece of marked.split(/([[\]|])/)) {
    if (piece === '[' || piece === '|') ranges.push([text.length, text.length]);
    else if (piece === ']') ranges.at(-1)![1] = text.length;
    else text += piece;
  }
  return { text, ranges };
}

function select(
  editor: vscode.TextEditor,
  text: string,
  ranges: readonly [number, number][],
): Marked {
  const { document } = editor;
  assert.equal(document.getText(), text);
  if (ranges.length > 0) {
    editor.selections = ranges.map(
      ([start, end]) => new vscode.Selection(document.positionAt(start), document.positionAt(end)),
    );
  }
  return { editor, document, text };
}

/** Changes a document as typing elsewhere would: not through the session. */
export async function change(
  { document }: Pick<Marked, 'document'>,
  find: string,
  replacement: string,
): Promise<void> {
  const start = document.getText().indexOf(find);
  assert(start >= 0, find);
  const edit = new vscode.WorkspaceEdit();
  const range = new vscode.Range(
    document.positionAt(start),
    document.positionAt(start + find.length),
  );
  edit.replace(document.uri, range, replacement);
  assert(await vscode.workspace.applyEdit(edit));
}

export async function inState(api: LacunaApi, state: EditReport['state']): Promise<EditReport> {
  await until(`the proposal is ${state}`, () => {
    const now = api.edits;
    const isOver = !['denoising', 'ready', 'none', state].includes(now.state);
    assert(!isOver, `${now.state}: ${now.detail}`);
    return now.state === state;
  });
  return api.edits;
}

export function run(command: string, ...args: unknown[]): Thenable<unknown> {
  return vscode.commands.executeCommand(`lacuna.${command}`, ...args);
}

/** Ours among the refactorings that VS Code offers; others have theirs. */
export async function regenerateActions(
  { uri }: vscode.TextDocument,
  range: vscode.Range,
): Promise<vscode.CodeAction[]> {
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    'vscode.executeCodeActionProvider',
    uri,
    range,
    vscode.CodeActionKind.RefactorRewrite.value,
  );
  return actions.filter(({ command }) => command?.command === 'lacuna.regenerateSelection');
}
