/** The `.lacunaignore` file of the workspace, for whatever reads text; and that it fails closed. */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import { activateLacuna, closeAll, invoke, until } from './workbench';

describe('the ignore file', () => {
  const { fs } = vscode.workspace;
  let lacuna: LacunaApi;
  let root: vscode.Uri;

  before(async () => {
    lacuna = await activateLacuna();
    root = vscode.workspace.workspaceFolders![0]!.uri;
  });
  afterEach(async () => {
    await closeAll();
    await fs.delete(at('.lacunaignore'), { recursive: true }).then(undefined, () => {});
    const { document } = await openFile('free.ts');
    await until('the rules are gone', async () => !(await isHidden(document)));
    await closeAll();
  });

  const at = (name: string) => vscode.Uri.joinPath(root, name);
  const write = (name: string, text: string | Uint8Array) =>
    fs.writeFile(at(name), typeof text === 'string' ? new TextEncoder().encode(text) : text);
  const outcome = async () => (await invoke(lacuna)).outcome;

  async function openFile(name: string): Promise<vscode.TextEditor> {
    await write(name, 'const a = 1;\nconst b = \n');
    const editor = await vscode.window.showTextDocument(at(name));
    editor.selection = new vscode.Selection(1, 10, 1, 10);
    return editor;
  }

  it('hides what it names from completion, and says so', async () => {
    await write('.lacunaignore', '# ours\nprivate/\n*.hidden.ts\n');
    await openFile('private/a.ts');
    await until('the rules are read', () => lacuna.statusText === 'Lacuna: off for this file');
    assert.equal(await outcome(), 'ignoredFile');
    const text = await vscode.commands.executeCommand<string>('lacuna.explainLast');
    assert.match(text, /a \.lacunaignore file of the workspace names the file/);
    await openFile('free.ts');
    assert.notEqual(await outcome(), 'ignoredFile');
  });

  it('hides it from proposals, scores and quick fixes too', async () => {
    await write('.lacunaignore', '*.hidden.ts\n');
    const editor = await openFile('b.hidden.ts');
    await until('the rules are read', () => isHidden(editor.document));
    editor.selection = new vscode.Selection(0, 0, 0, 12);
    await vscode.commands.executeCommand('lacuna.regenerateSelection');
    assert.equal(lacuna.edits.state, 'refused');
    assert.match(lacuna.edits.detail, /\.lacunaignore/);
    const { mapScorer } = (lacuna as LacunaApi & { confidence: { mapScorer: { detail: string } } })
      .confidence;
    await vscode.commands.executeCommand('lacuna.showConfidence');
    assert.match(mapScorer.detail, /\.lacunaignore/);
  });

  it('hides its whole folder where it cannot be read', async () => {
    await fs.createDirectory(at('.lacunaignore'));
    await openFile('c.ts');
    await until('that is known', () => lacuna.statusText === 'Lacuna: off for this file');
    assert.equal(await outcome(), 'unreadableIgnoreFile');
  });

  it('hides its whole folder where it is no text', async () => {
    await write('.lacunaignore', new Uint8Array([0xff, 0xfe, 0x00, 0xd8]));
    const { document } = await openFile('d.ts');
    await until('that is known', () => isHidden(document));
    assert.equal(await outcome(), 'unreadableIgnoreFile');
  });

  it('follows its changes', async () => {
    await write('.lacunaignore', 'e.ts\n');
    const { document } = await openFile('e.ts');
    await until('the rules are read', () => isHidden(document));
    await write('.lacunaignore', 'f.ts\n');
    await until('the new ones are read', async () => !(await isHidden(document)));
  });

  it('hides the cells of a notebook that it names', async () => {
    await write('.lacunaignore', '*.ipynb\n');
    const cell = {
      cell_type: 'code',
      metadata: {},
      outputs: [],
      execution_count: null,
      source: ['a = 1'],
    };
    const notebook = { cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 };
    await write('n.ipynb', JSON.stringify(notebook));
    const opened = await vscode.workspace.openNotebookDocument(at('n.ipynb'));
    await vscode.window.showNotebookDocument(opened);
    const { document } = opened.cellAt(0);
    await until('the rules are read', () => isHidden(document));
  });

  /** The refactoring is offered for every text that may be read. */
  async function isHidden(document: vscode.TextDocument): Promise<boolean> {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      new vscode.Range(0, 0, 0, 5),
    );
    return !actions.some(({ title }) => title.includes('Lacuna'));
  }
});
