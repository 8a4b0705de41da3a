/**
 * Cells of a real notebook: what is sent for one of them, and what a proposal in one does. The notebook's
 * own extension reads and writes the file; Lacuna sees documents only.
 */
import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { documentSource } from '../../src/extension/documentSource';
import { readSurroundings } from '../../src/extension/surroundings';
import { inState, run } from './editorText';
import { proposalSuite } from './fakeSampler';
import { invoke, until, withSetting } from './workbench';

const { Code, Markup } = vscode.NotebookCellKind;

describe('a notebook', () => {
  const the = proposalSuite();
  let folder: string;
  let opened = 0;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-notebook-'));
  });
  after(() => rm(folder, { recursive: true }));

  /** Opens one from the disk with the cursor in a cell. */
  async function open(texts: readonly string[], index: number, name = 'cells') {
    // Each has a name of its own: VS Code keeps a closed one for a while.
    const file = path.join(folder, `${name}${opened++}.ipynb`);
    const cells = texts.map((text) => ({
      cell_type: text.startsWith('#') ? 'markdown' : 'code',
      metadata: text.startsWith('%%') ? { vscode: { languageId: 'javascript' } } : {},
      source: text.split(/(?<=\n)/),
      ...(!text.startsWith('#') && { outputs: [], execution_count: null }),
    }));
    const metadata = { language_info: { name: 'python' } };
    await writeFile(file, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }));
    const notebook = await vscode.workspace.openNotebookDocument(vscode.Uri.file(file));
    const view = await vscode.window.showNotebookDocument(notebook);
    return { notebook, view, editor: await edit(view, index) };
  }

  async function edit(view: vscode.NotebookEditor, index: number): Promise<vscode.TextEditor> {
    view.selections = [new vscode.NotebookRange(index, index + 1)];
    const { document } = view.notebook.cellAt(index);
    await until('the cell is edited', async () => {
      await vscode.commands.executeCommand('notebook.cell.edit');
      return vscode.window.activeTextEditor?.document === document;
    });
    return vscode.window.activeTextEditor!;
  }

  const texts = () => the.sampler.last.parts.flatMap((part) => ('text' in part ? [part.text] : []));
  const cells = ['import math\n', '# Title', 'r = 2', '%% js', 'area = <fill>', 'print(area)\n'];

  it('is the text around a gap in one of its cells: code of its language, in order', async () => {
    const { notebook } = await open(cells, 4);
    assert.deepEqual(
      notebook.getCells().map(({ kind, document }) => [kind, document.languageId]),
      [
        [Code, 'python'],
        [Markup, 'markdown'],
        [Code, 'python'],
        [Code, 'javascript'],
        [Code, 'python'],
        [Code, 'python'],
      ],
    );
    await run('fillAllGaps');
    assert.deepEqual(texts(), ['import math\n\nr = 2\n\narea = ', '\n\nprint(area)']);
  });

  it('is the text around ghost text, as it reads now', async () => {
    const { notebook, editor } = await open(['a = 1', 'b = ', 'c = 3'], 1);
    const { document } = editor;
    const change = new vscode.WorkspaceEdit();
    change.insert(notebook.cellAt(0).document.uri, new vscode.Position(0, 5), '00');
    await vscode.workspace.applyEdit(change);
    const { prefix, suffix, lineBefore } = readSurroundings(documentSource(document), 4);
    assert.deepEqual([prefix, suffix, lineBefore], ['a = 100\n\nb = ', '\n\nc = 3', 'b = ']);
    editor.selection = new vscode.Selection(0, 4, 0, 4);
    const { outcome, detail } = await invoke(the.lacuna);
    assert(!['failed', 'disabledFile', 'notReady'].includes(outcome), `${outcome} ${detail}`);
  });

  it('gets an accepted proposal in one of its cells, in one undo step', async () => {
    const { notebook, editor } = await open(['a = 1', 'b = one\nc = two', 'd = 4'], 1);
    const { document } = editor;
    editor.selection = new vscode.Selection(0, 0, 1, 7);
    the.sampler.answer = () => 'b = 2\nc = 3';
    await run('regenerateSelection');
    assert.equal((await inState(the.lacuna, 'ready')).gaps[0]!.hunks.length, 2);
    await run('acceptAll');
    await inState(the.lacuna, 'accepted');
    assert.equal(document.getText(), 'b = 2\nc = 3');
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), 'b = one\nc = two');
    await vscode.commands.executeCommand('redo');
    assert.equal(document.getText(), 'b = 2\nc = 3');
    assert.deepEqual(
      notebook.getCells().map((cell) => cell.document.getText()),
      ['a = 1', 'b = 2\nc = 3', 'd = 4'],
    );
  });

  it('gets one hunk after the other', async () => {
    const { editor } = await open(['b = one\nc = two'], 0);
    editor.selection = new vscode.Selection(0, 0, 1, 7);
    the.sampler.answer = () => 'b = 2\nc = 3';
    await run('regenerateSelection');
    await run('rejectGap'); // where the cursor is: the second
    await run('acceptGap');
    await inState(the.lacuna, 'accepted');
    assert.equal(editor.document.getText(), 'b = 2\nc = two');
  });

  it('cancels a proposal when it is closed, and when the cell goes', async () => {
    await open(['b = <fill>', 'c = 1'], 0);
    the.sampler.hold();
    const running = run('fillAllGaps');
    await the.sampler.asked(1);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until('it is cancelled', () => the.lacuna.edits.state === 'cancelled');
    assert(the.sampler.requests[0]!.signal.aborted);
    the.sampler.release();
    await running;

    const again = await open(['b = <fill>', 'c = 1'], 0);
    await run('fillAllGaps');
    await inState(the.lacuna, 'ready');
    const edit = new vscode.WorkspaceEdit();
    const gone = new vscode.NotebookRange(0, 1);
    edit.set(again.notebook.uri, [vscode.NotebookEdit.deleteCells(gone)]);
    await vscode.workspace.applyEdit(edit);
    await until('it is cancelled', () => the.lacuna.edits.state === 'cancelled');
  });

  it('moves a proposal along when cells come above it', async () => {
    const { notebook, editor } = await open(['b = <fill>'], 0);
    await run('fillAllGaps');
    const change = new vscode.WorkspaceEdit();
    const cell = new vscode.NotebookCellData(Code, 'a = 1', 'python');
    change.set(notebook.uri, [vscode.NotebookEdit.insertCells(0, [cell])]);
    await vscode.workspace.applyEdit(change);
    await run('again');
    assert.deepEqual(texts(), ['a = 1\n\nb = ', '']);
    await run('acceptAll');
    await inState(the.lacuna, 'accepted');
    assert.equal(editor.document.getText(), 'b = fill_0_1_0');
  });

  it('has the gaps of all its visible cells on one canvas, in its order', async () => {
    const { notebook } = await open(['x = 0', 'a = <fill>', 'b = <fill>', 'c = 1'], 3);
    await run('fillAllGaps');
    assert.deepEqual(texts(), ['x = 0\n\na = ', '\n', 'b = ', '\n\nc = 1']);
    await run('acceptAll');
    await inState(the.lacuna, 'accepted');
    assert.deepEqual(
      notebook.getCells().map((cell) => cell.document.getText()),
      ['x = 0', 'a = fill_0_0_0', 'b = fill_1_0_0', 'c = 1'],
    );
  });

  it('is not read where its name is that of a secret', async () => {
    await withSetting('disabledFiles', ['**/secret*.ipynb'], async () => {
      const { editor } = await open(['a = 1', 'b = <fill>'], 1, 'secret');
      await run('fillAllGaps');
      assert.equal(the.lacuna.edits.state, 'refused');
      assert.match(the.lacuna.edits.detail, /never reads/);
      assert.equal(the.sampler.requests.length, 0);
      editor.selection = new vscode.Selection(0, 4, 0, 4);
      assert.equal((await invoke(the.lacuna)).outcome, 'disabledFile');
    });
  });
});
