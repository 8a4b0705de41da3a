/**
 * A document that changes, or is closed, while a proposal is made or shown: what is accepted lands where
 * it was asked for, or the proposal is dropped. And what an editor shows of it.
 */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { change, inState, kinds, openMarked, run } from './editorText';
import { proposalSuite } from './fakeSampler';
import { until } from './workbench';

describe('a proposal in a document that changes', () => {
  const the = proposalSuite();

  /** Starts a regenerate that goes on denoising until `finish`. */
  async function startHeld(): Promise<{ finish(): Promise<void> }> {
    the.sampler.hold();
    const running = run('regenerateSelection');
    await the.sampler.asked(1);
    return {
      async finish() {
        the.sampler.release();
        await running;
      },
    };
  }

  for (const { name, language, text: marked } of kinds) {
    it(`lands where it was asked for after edits around it, in ${name}`, async () => {
      const opened = await openMarked(marked, language);
      const { finish } = await startHeld();
      await change(opened, 'area', 'surfaceArea\n');
      await change(opened, 'return', '  return');
      await finish();
      assert.equal(the.lacuna.edits.state, 'ready');
      assert.equal(the.sampler.requests.length, 1);
      await change(opened, 'surface', '');
      const before = opened.document.getText();
      await run('acceptAll');
      assert.equal(opened.document.getText(), before.replace('width * height', 'fill_0_0_0'));
    });

    it(`is dropped by an edit inside while it is denoised, in ${name}`, async () => {
      const opened = await openMarked(marked, language);
      const { finish } = await startHeld();
      await change(opened, 'width * height', 'width + height');
      assert.equal(the.lacuna.edits.state, 'cancelled');
      assert.notEqual(the.lacuna.edits.detail, '');
      assert(the.sampler.requests[0]!.signal.aborted);
      const text = opened.document.getText();
      await finish();
      await run('acceptAll');
      assert.equal(opened.document.getText(), text);
    });
  }

  it('is dropped by an edit at its border, and by one when it is ready', async () => {
    const opened = await openMarked('a = [b];\n');
    await run('regenerateSelection');
    await change(opened, 'b', 'bc');
    assert.equal(the.lacuna.edits.state, 'cancelled');
  });

  it('is dropped by typing at the cursor that it is for', async () => {
    await openMarked('a = |;\nb = <fill>;\n');
    await run('fillWithText', 'given');
    await vscode.commands.executeCommand('type', { text: 'x' });
    assert.equal(the.lacuna.edits.state, 'cancelled');
  });

  it('is dropped as a whole when one of its gaps is edited', async () => {
    const opened = await openMarked('a = <fill>;\nb = <fill>;\n');
    await run('fillAllGaps');
    await change(opened, '<fill>', 'mine');
    assert.equal(the.lacuna.edits.state, 'cancelled');
    assert.equal(opened.document.getText(), 'a = mine;\nb = <fill>;\n');
  });

  it('survives that another document changes or is closed', async () => {
    const opened = await openMarked('a = [b];\n');
    const { finish } = await startHeld();
    const other = await openMarked('b', 'python');
    await change(other, 'b', 'c');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await finish();
    await run('acceptAll');
    assert.equal(opened.document.getText(), 'a = fill_0_0_0;\n');
  });

  it('survives a change of the language', async () => {
    const { document } = await openMarked('a = [b];\n');
    const { finish } = await startHeld();
    await vscode.languages.setTextDocumentLanguage(document, 'python');
    await finish();
    await run('acceptAll');
    assert.equal(document.getText(), 'a = fill_0_0_0;\n');
  });

  it('is dropped when its editor is closed while it is denoised', async () => {
    await openMarked('a = [b];\n');
    const { finish } = await startHeld();
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await until('it is cancelled', () => the.lacuna.edits.state === 'cancelled');
    assert(the.sampler.requests[0]!.signal.aborted);
    await finish();
  });

  it('stays while another tab is in front', async () => {
    const { document } = await openMarked('a = [b];\n');
    await run('regenerateSelection');
    await openMarked('other\n');
    assert.equal(the.lacuna.edits.state, 'ready');
    await run('acceptAll');
    await inState(the.lacuna, 'accepted');
    assert.equal(document.getText(), 'a = fill_0_0_0;\n');
  });

  it('is one proposal in two editors of one document', async () => {
    const { document } = await openMarked('a = [b];\n');
    await vscode.window.showTextDocument(document, vscode.ViewColumn.Two);
    const shown = vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
    assert.equal(shown.length, 2);
    shown[1]!.selection = new vscode.Selection(0, 4, 0, 5);
    await vscode.window.showTextDocument(document, vscode.ViewColumn.Two);
    await run('regenerateSelection');
    await inState(the.lacuna, 'ready');
    await vscode.commands.executeCommand('workbench.action.focusFirstEditorGroup');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until('one editor is left', () => vscode.window.visibleTextEditors.length === 1);
    assert.equal(the.lacuna.edits.state, 'ready');
    await run('acceptAll');
    assert.equal(document.getText(), 'a = fill_0_0_0;\n');
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), 'a = b;\n');
  });

  it('has a row of links above each gap, which name it', async () => {
    const { document } = await openMarked('a = <fill>;\n\nb = <fill>;\n');
    const lenses = async () => {
      const all = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        100,
      );
      return all.map(({ range, command }) => `${range.start.line} ${command?.command}`).sort();
    };
    the.sampler.hold();
    const running = run('fillAllGaps');
    await the.sampler.asked(1);
    assert.deepEqual(await lenses(), ['0 lacuna.rejectAll', '2 lacuna.rejectAll']);
    the.sampler.step([[{}, { text: 'x', fresh: true }], [{}]]);
    the.sampler.release();
    await running;
    const row = ['acceptGap', 'again', 'nextGap', 'rejectGap'];
    assert.deepEqual(await lenses(), [
      ...row.map((name) => `0 lacuna.${name}`),
      ...row.map((name) => `2 lacuna.${name}`),
    ]);
    await run('rejectAll');
    assert.deepEqual(await lenses(), []);
  });
});
