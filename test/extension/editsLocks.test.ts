/** Locks and alternatives: what the next regenerate leaves as it is, and which of its fills is shown. */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { DraftWish } from '../../src/protocol/messages';
import { change, openMarked, run } from './editorText';
import { proposalSuite } from './fakeSampler';
import { until, withSetting } from './workbench';

describe('locks', () => {
  const the = proposalSuite();
  afterEach(() => run('unlockAll'));

  async function lockedInAll(editor: vscode.TextEditor): Promise<string[]> {
    const { document } = editor;
    const end = document.lineAt(document.lineCount - 1).range.end;
    editor.selection = new vscode.Selection(new vscode.Position(0, 0), end);
    await run('regenerateSelection');
    await run('rejectAll');
    const { text, locks = [] } = the.sampler.lastTargets[0] as DraftWish;
    return locks.map((lock) => text.slice(lock.start, lock.end));
  }

  it('are strings, comments and signatures by default, as ranges with line feeds', async () => {
    const { editor } = await openMarked('def f(a):\r\n\tb = "c"  # d\r\n\treturn b\r\n', 'python');
    assert.deepEqual(await lockedInAll(editor), ['def f(a):', '"c"', '# d']);
    await withSetting('regenerate.locks', ['comments'], async () => {
      assert.deepEqual(await lockedInAll(editor), ['# d']);
    });
  });

  it('are what was selected, and move and grow with the text', async () => {
    const opened = await openMarked('one two\r\nthree [four] five\r\n');
    await run('lockSelection');
    await change(opened, 'one', 'and one');
    await change(opened, 'four', 'fo-ur');
    assert.deepEqual(await lockedInAll(opened.editor), ['fo-ur']);
    await change(opened, 'fo-ur', '');
    assert.deepEqual(await lockedInAll(opened.editor), []);
  });

  it('are the word at the cursor, else its line', async () => {
    const { editor } = await openMarked('one two|\n  three = four;\n');
    await run('lockSelection');
    editor.selection = new vscode.Selection(1, 0, 1, 0);
    await run('lockSelection');
    assert.deepEqual(await lockedInAll(editor), ['two', 'three = four;']);
    await run('unlockAll');
    assert.deepEqual(await lockedInAll(editor), []);
  });

  it('are the matches of a pattern, in the selection or everywhere', async () => {
    const { editor } = await openMarked('a1 b2\n[a3] a4\n');
    await run('lockPattern', 'a\\d');
    assert.deepEqual(await lockedInAll(editor), ['a3']);
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await run('lockPattern', '^\\w');
    assert.deepEqual(await lockedInAll(editor), ['a', 'a3']);
  });

  it('refuse a pattern that is none, or that matches nothing', async () => {
    await openMarked('a\n');
    for (const pattern of ['(', 'zzz']) {
      await run('lockPattern', pattern);
      assert.equal(the.lacuna.edits.state, 'refused');
      assert.match(the.lacuna.edits.detail, /^Cannot lock: /);
    }
  });

  it('leave nothing to regenerate where they cover the selection', async () => {
    await openMarked('a = [b];\n');
    await run('lockSelection');
    await run('regenerateSelection');
    assert.equal(the.lacuna.edits.state, 'failed');
    assert.match(the.lacuna.edits.detail, /all of the selection is locked.*Unlock All/);
    assert.equal(the.sampler.requests.length, 0);
  });

  it('show alternatives, asked for once, with the next or the one before', async () => {
    const { document } = await openMarked('a = [b];\n');
    await run('regenerateSelection');
    assert.deepEqual(the.lacuna.edits.alternatives, { count: 1, chosen: 0 });
    assert.equal(the.sampler.last.variants, undefined);
    // The first variant of the same wish is what is shown already.
    the.sampler.answer = (_target, _index, _request, variant) => `fill_0_0_${variant}`;
    await run('nextAlternative');
    assert.equal(the.sampler.last.variants, 3);
    assert.equal(the.sampler.last.rank, 'fit');
    const seen = [the.lacuna.edits.gaps[0]!.proposed];
    for (const command of ['nextAlternative', 'nextAlternative', 'previousAlternative']) {
      await run(command);
      seen.push(the.lacuna.edits.gaps[0]!.proposed);
    }
    assert.deepEqual(seen, ['fill_0_0_1', 'fill_0_0_2', 'fill_0_0_0', 'fill_0_0_2']);
    assert.equal(the.sampler.requests.length, 2);
    await run('acceptAll');
    assert.equal(document.getText(), 'a = fill_0_0_2;\n');
  });

  it('say so where there is no alternative', async () => {
    await openMarked('a = [b];\n');
    the.sampler.answer = () => 'always';
    await run('regenerateSelection');
    await run('nextAlternative');
    assert.deepEqual(the.lacuna.edits.alternatives, { count: 1, chosen: 0 });
    assert.match(the.lacuna.edits.detail, /no other fill/);
    await run('again');
    assert.match(the.lacuna.edits.detail, /no other fill/);
    assert.equal(the.lacuna.edits.state, 'ready');
  });

  it('can be chosen from a list, which shows the one in focus', async () => {
    await openMarked('a = [b];\n');
    await run('regenerateSelection');
    await run('again');
    assert.equal(the.lacuna.edits.alternatives.count, 3);
    const chosen = () => the.lacuna.edits.alternatives.chosen;
    const focusNext = async () => {
      await vscode.commands.executeCommand('workbench.action.quickOpenSelectNext');
      return chosen() === 1;
    };
    await run('chooseAlternative');
    await until('the next one is shown', focusNext);
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    await until('the first one is shown again', () => chosen() === 0);
    await run('chooseAlternative');
    await until('the next one is shown', focusNext);
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(chosen(), 1);
  });
});
