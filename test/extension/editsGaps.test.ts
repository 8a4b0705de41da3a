/**
 * Filling several gaps together: cursors, selections and hole marks; 1, 2 and 20 of them; accepting
 * some and rejecting others; with the real sampler too, whatever it says.
 */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { GapWish } from '../../src/protocol/messages';
import { inState, openMarked, run } from './editorText';
import { proposalSuite } from './fakeSampler';
import { withSetting } from './workbench';

describe('filling gaps together', () => {
  const the = proposalSuite();

  const texts = () => the.sampler.last.parts.flatMap((part) => ('text' in part ? [part.text] : []));

  it('puts all cursors and selections on one canvas, in document order', async () => {
    const { document, editor } = await openMarked('const | = 1;\nuse([old]);\nlog(|);\n');
    editor.selections = editor.selections.toReversed();
    await run('fillAllGaps');
    assert.equal(the.sampler.requests.length, 1);
    assert.deepEqual(texts(), ['const ', ' = 1;\nuse(', ');\nlog(', ');\n']);
    await run('acceptAll');
    const expected = 'const fill_0_0_0 = 1;\nuse(fill_1_0_0);\nlog(fill_2_0_0);\n';
    assert.equal(document.getText(), expected);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), 'const  = 1;\nuse(old);\nlog();\n');
  });

  it('finds the hole marks where there is one cursor', async () => {
    const { document } = await openMarked('x = <fill>\ny = /* fill */ + x\n    # fill\n', 'python');
    await run('fillAllGaps');
    await run('acceptAll');
    assert.equal(document.getText(), 'x = fill_0_0_0\ny = fill_1_0_0 + x\n    fill_2_0_0\n');
  });

  it('takes the marks of the setting, within the selection if it holds some', async () => {
    await withSetting('holeMarks', ['???'], async () => {
      const { document } = await openMarked('a ??? <fill>\n[b ???]\n');
      await run('fillAllGaps');
      await run('acceptAll');
      assert.equal(document.getText(), 'a ??? <fill>\nb fill_0_0_0\n');
    });
  });

  for (const count of [1, 2, 20]) {
    it(`fills ${count} marks with one request and undoes them with one step`, async () => {
      const line = (index: number) => `\tv${index} = <fill>;\r\n`;
      const text = Array.from({ length: count }, (_, index) => line(index)).join('');
      const { document } = await openMarked(text, 'javascript');
      await run('fillAllGaps');
      assert.equal(the.sampler.requests.length, 1);
      assert.equal(the.sampler.lastTargets.length, count);
      await run('acceptAll');
      await inState(the.lacuna, 'accepted');
      for (let index = 0; index < count; index++) {
        assert.equal(document.lineAt(index).text, `\tv${index} = fill_${index}_0_0;`);
      }
      assert.equal(
        document
          .getText()
          .replaceAll('\r\n', '')
          .search(/[\r\n]/),
        -1,
      );
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), text);
    });

    it(`fills ${count} with the real sampler`, async () => {
      the.sampler.remove();
      const text = Array.from({ length: count }, (_, index) => `v${index} = <fill>\n`).join('');
      const { document } = await openMarked(text, 'python');
      await run('fillAllGaps');
      const { gaps } = await inState(the.lacuna, 'ready');
      assert.equal(document.getText(), text);
      assert.equal(gaps.length, count);
      let expected = text;
      for (const { proposed } of gaps) {
        if (proposed === undefined) continue; // bytes that make no character
        expected = expected.replace('<fill>', () => proposed);
      }
      const isWhole = gaps.every(({ proposed }) => proposed !== undefined);
      await run('acceptAll');
      if (isWhole) assert.equal(document.getText(), expected);
    });
  }

  it('accepts and rejects each gap by itself, wherever the others have moved', async () => {
    const { document } = await openMarked('<fill><fill>\n<fill>\n<fill>\n');
    await run('fillAllGaps');
    const ids = the.lacuna.edits.gaps.map(({ id }) => id);
    the.sampler.answer = (_, index) => `much longer than the mark ${index}`;
    await run('again');
    await run('acceptGap', ids[1]);
    await run('rejectGap', ids[2]);
    assert.equal(document.getText(), '<fill>much longer than the mark 1\n<fill>\n<fill>\n');
    assert.equal(the.lacuna.edits.state, 'ready');
    await run('acceptAll');
    await inState(the.lacuna, 'accepted');
    assert.equal(
      document.getText(),
      'much longer than the mark 0much longer than the mark 1\n<fill>\nmuch longer than the mark 3\n',
    );
    assert.deepEqual(
      the.lacuna.edits.gaps.map(({ status }) => status),
      ['accepted', 'accepted', 'rejected', 'accepted'],
    );
  });

  it('takes what was accepted into the text of the next request', async () => {
    await openMarked('a = <fill>;\nb = <fill>;\n');
    await run('fillAllGaps');
    await run('acceptGap', 0);
    await run('again');
    assert.deepEqual(texts(), ['a = fill_0_0_0;\nb = ', ';\n']);
  });

  it('means the gap at the cursor, and goes from gap to gap in a circle', async () => {
    const { document, editor } = await openMarked('a = <fill>;\nb = <fill>;\nc = <fill>;\n|');
    await run('fillAllGaps');
    const lines: number[] = [];
    for (const command of ['nextGap', 'nextGap', 'previousGap', 'previousGap']) {
      await run(command);
      lines.push(editor.selection.active.line);
    }
    assert.deepEqual(lines, [0, 1, 0, 2]);
    await run('acceptGap');
    assert.equal(document.getText(), 'a = <fill>;\nb = <fill>;\nc = fill_2_0_0;\n');
    assert.equal(editor.selection.active.line, 0);
    await run('rejectGap');
    await run('rejectGap');
    assert.equal(the.lacuna.edits.state, 'accepted');
  });

  it('bounds the length of gaps when asked for longer or shorter ones', async () => {
    await openMarked('a = <fill>;\n');
    the.sampler.answer = () => 'one two three four';
    await run('fillAllGaps');
    assert.deepEqual(the.sampler.lastTargets, [{ length: 'auto', minLength: 1 }]);
    assert.notEqual(the.sampler.last.sampling?.constrain, false);
    await run('longer');
    assert.deepEqual(the.sampler.lastTargets, [{ length: 'auto', minLength: 5, maxLength: 10 }]);
    await run('shorter');
    assert.deepEqual(the.sampler.lastTargets, [{ length: 'auto', minLength: 1, maxLength: 3 }]);
  });

  it('goes over all visible editors', async () => {
    const left = await openMarked('a = <fill>;\n');
    const right = await vscode.workspace.openTextDocument({ content: 'b = <fill>;\n' });
    const none = await vscode.workspace.openTextDocument({ content: 'c = 1;\n' });
    await vscode.window.showTextDocument(right, vscode.ViewColumn.Two);
    await vscode.window.showTextDocument(none, vscode.ViewColumn.Three);
    for (const command of ['fillAllGaps', 'fillAllGapsInVisibleEditors']) {
      await run(command);
      assert.deepEqual(texts(), ['a = ', ';\n', 'b = ', ';\n']);
      assert.equal(the.sampler.last.sampling?.constrain, false, 'of the second too little is sent');
    }
    await run('acceptAll');
    await inState(the.lacuna, 'accepted');
    assert.equal(left.document.getText(), 'a = fill_0_1_0;\n');
    assert.equal(right.getText(), 'b = fill_1_1_0;\n');
  });

  it('says what to do where there is no gap', async () => {
    await openMarked('a = 1;|\n');
    await run('fillAllGaps');
    assert.equal(the.lacuna.edits.state, 'refused');
    assert.match(the.lacuna.edits.detail, /^Cannot fill the gaps: .*\. Put several cursors, or /);
  });

  it('shows the sampler’s own words when the gaps do not fit', async () => {
    the.sampler.remove();
    const { document, text } = await openMarked(
      `a = <fill>;\n${'const b = [0, 1, 2];\n'.repeat(200)}c = <fill>;\n`.replace(/[[\]]/g, '_'),
    );
    await run('fillAllGaps');
    assert.equal(the.lacuna.edits.state, 'failed');
    assert.match(the.lacuna.edits.detail, /the model holds 512|model holds .* tokens/);
    assert.equal(document.getText(), text);
  });

  it('fills around a text that the gap must contain', async () => {
    const { document, editor } = await openMarked('f(|);\ng([x, y]);\n');
    editor.selection = editor.selections[0]!;
    the.sampler.answer = (wish) => `before ${(wish as GapWish).contains} after`;
    await run('fillWithText', 'given');
    assert.deepEqual(the.sampler.lastTargets, [
      { length: 'auto', minLength: 1, contains: 'given' },
    ]);
    await run('acceptAll');
    assert.equal(document.getText(), 'f(before given after);\ng(x, y);\n');
    editor.selection = new vscode.Selection(1, 2, 1, 6);
    const asked = run('fillWithText');
    await new Promise((resolve) => setTimeout(resolve, 300)); // the box comes up
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    await asked;
    await run('acceptAll');
    assert.equal(document.lineAt(1).text, 'g(before x, y after);');
  });
});
