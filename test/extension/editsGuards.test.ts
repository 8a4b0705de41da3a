/** Where no proposal is made and why: too much, secret, read-only, no model; and where one is. */
import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LacunaContext } from '../../src/extension/context';
import { FillSource } from '../../src/extension/edits/fillSource';
import { inState, openFile, openMarked, regenerateActions, run } from './editorText';
import { proposalSuite } from './fakeSampler';
import { until, withSetting } from './workbench';

describe('a proposal', () => {
  const the = proposalSuite();
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-edits-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function write(name: string, text: string): Promise<vscode.Uri> {
    const file = path.join(folder, name);
    await writeFile(file, text);
    return vscode.Uri.file(file);
  }

  function isRefused(reason: RegExp): void {
    assert(['refused', 'failed'].includes(the.lacuna.edits.state), the.lacuna.edits.state);
    assert.match(the.lacuna.edits.detail, reason);
    assert.equal(the.sampler.requests.length, 0);
  }

  it('is refused for a selection of 5,000 lines, at once', async () => {
    const line = 'export const value = compute(1, 2, 3);\n';
    const { document, text } = await openMarked(`[${line.repeat(5000)}]`);
    const startMs = performance.now();
    await run('regenerateSelection');
    const tookMs = performance.now() - startMs;
    isRefused(/194,999 characters in 5,000 lines, and the model holds 512 tokens/);
    assert(tookMs < 2000, `${tookMs} ms`);
    assert.equal(document.getText(), text);
  });

  it('is refused in a file of secrets, by every command', async () => {
    const uri = await write('.env', 'TOKEN=abc # fill\n');
    const { editor } = await openFile(uri, 'TOKEN=[abc] # fill\n');
    for (const command of ['regenerateSelection', 'fillAllGaps', 'fillAllGapsInVisibleEditors']) {
      await run(command);
      isRefused(/on the list of files that Lacuna never reads/);
    }
    await run('fillWithText', 'x');
    isRefused(/never reads/);
    await run('regenerateWithInstruction', 'fix');
    isRefused(/never reads/);
    assert.deepEqual(await regenerateActions(editor.document, editor.selection), []);
  });

  it('is refused in a file that the setting names', async () => {
    await withSetting('disabledFiles', ['**/*.generated.ts'], async () => {
      await openFile(await write('a.generated.ts', 'a = b\n'), 'a = [b]\n');
      await run('regenerateSelection');
      isRefused(/never reads/);
    });
  });

  it('leaves secret files out of all visible editors', async () => {
    await openFile(await write('b.env', 'A=1 # fill\n'), 'A=1 # fill\n');
    const document = await vscode.workspace.openTextDocument({ content: 'a = <fill>\n' });
    await vscode.window.showTextDocument(document, vscode.ViewColumn.Two);
    await run('fillAllGapsInVisibleEditors');
    assert.deepEqual(
      the.lacuna.edits.gaps.map(({ uri }) => uri),
      [document.uri.toString()],
    );
  });

  it('is refused in a document that only can be read', async () => {
    const provider = vscode.workspace.registerTextDocumentContentProvider('lacuna-test', {
      provideTextDocumentContent: () => 'a = b\n',
    });
    try {
      await openFile(vscode.Uri.parse('lacuna-test:/a.ts'), 'a = [b]\n');
      await run('regenerateSelection');
      isRefused(/the document is read-only/);
    } finally {
      provider.dispose();
    }
  });

  it('is not written where VS Code lets nobody write, and stays up', async () => {
    const { document, text } = await openFile(await write('ro.ts', 'a = b\n'), 'a = [b]\n');
    await vscode.commands.executeCommand('workbench.action.files.setActiveEditorReadonlyInSession');
    try {
      await run('regenerateSelection');
      await run('acceptAll');
      assert.equal(document.getText(), text);
      assert.equal(the.lacuna.edits.state, 'ready');
      assert.match(the.lacuna.edits.detail, /read-only/);
    } finally {
      await vscode.commands.executeCommand(
        'workbench.action.files.resetActiveEditorReadonlyInSession',
      );
    }
  });

  it('is made in a file, and saved as any edit', async () => {
    const uri = await write('a.ts', 'a = b;\r\n');
    const { document } = await openFile(uri, 'a = [b];\r\n');
    the.sampler.answer = () => 'x(\n\ty,\n)';
    await withSetting('preview.diff', 'manual', () => Promise.resolve(run('regenerateSelection')).then(() => {})); // prettier-ignore
    await run('acceptAll');
    await document.save();
    const bytes = await vscode.workspace.fs.readFile(uri);
    assert.equal(Buffer.from(bytes).toString(), 'a = x(\r\n\ty,\r\n);\r\n');
  });

  it('is made in a cell of a notebook', async () => {
    const cells = ['a = b\n', 'c = <fill>'].map(
      (text) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, 'python'),
    );
    const notebook = await vscode.workspace.openNotebookDocument(
      'jupyter-notebook',
      new vscode.NotebookData(cells),
    );
    const view = await vscode.window.showNotebookDocument(notebook);
    view.selections = [new vscode.NotebookRange(1, 2)];
    await vscode.commands.executeCommand('notebook.cell.edit');
    const cell = notebook.cellAt(1).document;
    await until('the cell is edited', () => vscode.window.activeTextEditor?.document === cell);
    await run('fillAllGaps');
    await inState(the.lacuna, 'ready');
    await run('acceptAll');
    await inState(the.lacuna, 'accepted');
    assert.equal(cell.getText(), 'c = fill_0_0_0');
    assert.equal(notebook.cellAt(0).document.getText(), 'a = b\n');
  });

  it('waits for the model while that is loaded', async () => {
    the.sampler.remove();
    await openMarked('a = <fill>;\n');
    process.kill(the.lacuna.samplerPid!, 'SIGKILL');
    await until('the loss is seen', () => the.lacuna.status.state !== 'ready');
    await run('fillAllGaps');
    await inState(the.lacuna, 'ready');
  });

  it('says what to do where no model will come', async () => {
    const status = { state: 'failed', detail: 'the process ended' };
    const source = new FillSource({ client: { status } } as LacunaContext);
    await assert.rejects(source.model('Cannot regenerate', new AbortController().signal), {
      code: 'noModel',
      message:
        'Cannot regenerate: no model is loaded (the process ended). Choose a model folder or restart the sampler process.',
    });
  });

  it('needs an editor', async () => {
    for (const command of ['regenerateSelection', 'fillWithText', 'lockSelection']) {
      await run(command);
      isRefused(/no text editor is active/);
    }
  });

  it('has commands that do nothing while none is up', async () => {
    const { document, text } = await openMarked('a = [b];\n');
    for (const command of ['acceptAll', 'acceptGap', 'rejectGap', 'again', 'nextAlternative']) {
      await run(command);
    }
    assert.equal(document.getText(), text);
  });
});
