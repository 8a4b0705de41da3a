/**
 * Regenerating a selection, in the three kinds of documents: the proposal is up, nothing is written;
 * accepting is one undo step, rejecting leaves the bytes; and the keys that ask for another one.
 */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { DraftWish } from '../../src/protocol/messages';
import { change, inState, kinds, openMarked, regenerateActions, run } from './editorText';
import { proposalSuite } from './fakeSampler';
import { until, withSetting } from './workbench';

describe('regenerating a selection', () => {
  const the = proposalSuite();

  const draft = () => the.sampler.lastTargets[0] as DraftWish;
  const proposed = () => the.lacuna.edits.gaps[0]!.proposed;

  for (const { name, language, text: marked } of kinds) {
    describe(`in ${name}`, () => {
      it('writes nothing before it is accepted, then all of it in one undo step', async () => {
        const { document, text } = await openMarked(marked, language);
        the.sampler.answer = () => 'first(\n  second,\n)';
        await run('regenerateSelection');
        await inState(the.lacuna, 'ready');
        assert.equal(document.getText(), text);
        const lineEnd = text.includes('\r') ? '\r\n' : '\n';
        const expected = text.replace('width * height', ['first(', '  second,', ')'].join(lineEnd));
        await run('acceptAll');
        await inState(the.lacuna, 'accepted');
        assert.equal(document.getText(), expected);
        await vscode.window.showTextDocument(document);
        await vscode.commands.executeCommand('undo');
        assert.equal(document.getText(), text);
        await vscode.commands.executeCommand('redo');
        assert.equal(document.getText(), expected);
      });

      it('leaves every byte when it is rejected', async () => {
        const { document, text } = await openMarked(marked, language);
        const { version } = document;
        await run('regenerateSelection');
        await inState(the.lacuna, 'ready');
        await run('rejectAll');
        await inState(the.lacuna, 'rejected');
        assert.equal(document.getText(), text);
        assert.equal(document.version, version);
      });

      it('sends the text around it unchanged, and the selection as a draft', async () => {
        const { text } = await openMarked(marked, language);
        await run('regenerateSelection');
        const [before, , after] = the.sampler.last.parts;
        assert.deepEqual(before, { text: text.slice(0, text.indexOf('width * height')) });
        assert.deepEqual(after, { text: text.slice(text.indexOf('width * height') + 14) });
        assert.equal(draft().text, 'width * height');
        assert.equal(draft().strength, 0.6);
        assert.equal(draft().order, 'least-confident');
        assert.equal(the.sampler.last.languageId, language);
        assert.equal(the.sampler.last.priority, 'explicit');
      });
    });
  }

  it('takes the strength and the order of the settings', async () => {
    await withSetting('regenerate.strength', 25, async () => {
      await withSetting('regenerate.order', 'random', async () => {
        await openMarked('a = [b + c]\n');
        await run('regenerateSelection');
        assert.equal(draft().strength, 0.25);
        assert.equal(draft().order, 'random');
      });
    });
  });

  it('takes the line where nothing is selected, and none where that is blank', async () => {
    const { editor } = await openMarked('if (a) {\r\n\tcall(b|);  \r\n\r\n}\r\n');
    await run('regenerateSelection');
    assert.equal(draft().text, 'call(b);');
    await run('rejectAll');
    editor.selection = new vscode.Selection(2, 0, 2, 0);
    await run('regenerateSelection');
    assert.equal(the.lacuna.edits.state, 'refused');
    assert.match(the.lacuna.edits.detail, /^Cannot regenerate: the line of the cursor is blank\. /);
    assert.equal(the.sampler.requests.length, 1);
  });

  it('leaves white space at the ends of the selection alone', async () => {
    const { document } = await openMarked('[  a = b;\n]c = d;\n');
    the.sampler.answer = () => 'x';
    await run('regenerateSelection');
    assert.equal(draft().text, 'a = b;');
    await run('acceptAll');
    assert.equal(document.getText(), '  x\nc = d;\n');
  });

  it('asks once for several selections', async () => {
    const { document } = await openMarked('a = [b];\nc = [d];\n');
    await run('regenerateSelection');
    assert.equal(the.sampler.requests.length, 1);
    await run('acceptAll');
    assert.equal(document.getText(), 'a = fill_0_0_0;\nc = fill_1_0_0;\n');
  });

  it('proposes again, stronger, weaker, longer, shorter, and goes back through them', async () => {
    await openMarked('a = [b + c + d];\n');
    await run('regenerateSelection');
    const first = proposed();
    const strengths: number[] = [];
    for (const command of ['stronger', 'weaker', 'weaker']) {
      await run(command);
      strengths.push(draft().strength);
    }
    assert.deepEqual(strengths, [0.8, 0.6, 0.4]);
    await run('longer');
    assert.equal(draft().growth, 1.25);
    await run('shorter');
    assert.equal(draft().growth, undefined);
    await run('again');
    assert.equal(the.sampler.last.variants, 3);
    assert.equal(draft().order, 'random');
    assert.equal(the.sampler.last.sampling!.seed, 1);
    assert.equal(the.sampler.requests.length, 7);
    assert.equal(the.lacuna.edits.strength, 40);
    for (let steps = 0; steps < 6; steps++) await run('previousProposal');
    assert.equal(proposed(), first);
    assert.equal(the.lacuna.edits.strength, 60);
    await run('previousProposal');
    assert.equal(proposed(), first);
  });

  it('says so when a key changes nothing', async () => {
    await withSetting('regenerate.strength', 100, async () => {
      await openMarked('a = [b];\n');
      await run('regenerateSelection');
      await run('stronger');
      assert.equal(the.sampler.requests.length, 1);
      assert.notEqual(the.lacuna.edits.detail, '');
    });
  });

  it('gives up the request that runs when another is asked for', async () => {
    await openMarked('a = [b];\n');
    the.sampler.hold();
    const running = run('regenerateSelection');
    await the.sampler.asked(1);
    const again = run('again');
    await the.sampler.asked(2);
    assert(the.sampler.requests[0]!.signal.aborted);
    the.sampler.release();
    await Promise.all([running, again]);
    assert.equal(the.lacuna.edits.state, 'ready');
    assert.equal(proposed(), 'fill_0_1_0');
  });

  it('keeps what was proposed when the next request fails', async () => {
    const { document } = await openMarked('a = [b];\n');
    await run('regenerateSelection');
    the.sampler.failure = new Error('no more');
    await run('again');
    assert.equal(the.lacuna.edits.state, 'ready');
    assert.equal(the.lacuna.edits.detail, 'no more');
    await run('acceptAll');
    assert.equal(document.getText(), 'a = fill_0_0_0;\n');
  });

  it('ends with the reason when the first request fails', async () => {
    const { document, text } = await openMarked('a = [b];\n');
    the.sampler.failure = new Error('Cannot fill: the canvas is full. Fill less.');
    await run('regenerateSelection');
    assert.equal(the.lacuna.edits.state, 'failed');
    assert.equal(the.lacuna.edits.detail, the.sampler.failure.message);
    assert.equal(document.getText(), text);
  });

  it('rejects the proposal that was up when another is started', async () => {
    const { document, text } = await openMarked('a = [b];\nc = d;\n');
    await run('regenerateSelection');
    const editor = vscode.window.activeTextEditor!;
    editor.selection = new vscode.Selection(1, 4, 1, 5);
    await run('regenerateSelection');
    assert.equal(the.lacuna.edits.gaps[0]!.original, 'd');
    assert.equal(document.getText(), text);
  });

  it('shows no ghost text beside a proposal', async () => {
    await openMarked('a = [b];\n');
    await run('regenerateSelection');
    await run('fillAtCursor');
    await until('it is refused', () => the.lacuna.lastRequest?.outcome === 'previewUp');
  });

  it('opens a diff for several lines, and closes it with the proposal', async () => {
    const diffs = () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof vscode.TabInputTextDiff);
    const { document, text } = await openMarked('a = [b];\nc = d;\n');
    the.sampler.answer = () => 'x(\n  y,\n)';
    await run('regenerateSelection');
    await until('the diff is open', () => diffs().length === 1);
    const right = (diffs()[0]!.input as vscode.TabInputTextDiff).modified;
    const preview = await vscode.workspace.openTextDocument(right);
    assert.equal(preview.getText(), 'a = x(\n  y,\n);\nc = d;\n');
    await until('it is in the language', () => languageOf(right) === document.languageId);
    assert.equal(document.getText(), text);
    await change({ document }, 'd', 'e');
    await until('it follows the document', () => preview.getText().includes('c = e'));
    await run('acceptAll');
    assert.equal(document.getText(), 'a = x(\n  y,\n);\nc = e;\n');
    await until('the diff is closed', () => diffs().length === 0);
  });

  it('opens no diff for one line, nor where the setting says so, but on request', async () => {
    const diffs = () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .filter(({ input }) => input instanceof vscode.TabInputTextDiff).length;
    await openMarked('a = [b];\n');
    await run('regenerateSelection');
    await withSetting('preview.diff', 'manual', async () => {
      the.sampler.answer = () => 'x(\n  y,\n)';
      await run('again');
      assert.equal(diffs(), 0);
      await run('showDiff');
      assert.equal(diffs(), 1);
      await run('rejectAll');
      await until('the diff is closed', () => diffs() === 0);
    });
  });

  it('sends the instruction, and room for what it asks', async () => {
    await openMarked('a = [b + c];\n');
    await run('regenerateWithInstruction', 'Sort it');
    assert.equal(the.sampler.last.instruction, 'Sort it');
    assert.equal(draft().growth, undefined);
    await run('rejectAll');
    await run('regenerateWithInstruction', 'Add a documentation comment');
    assert.equal(draft().growth, 1.5);
    await run('again');
    assert.equal(the.sampler.last.instruction, 'Add a documentation comment');
  });

  it('asks for the instruction, and offers the presets', async () => {
    await openMarked('a = [b + c];\n');
    const asked = run('regenerateWithInstruction');
    await until('the list takes the first preset', async () => {
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      return the.sampler.requests.length === 1;
    });
    await asked;
    assert.equal(the.sampler.last.instruction, 'Add a documentation comment');
  });

  it('is among the refactorings of a selection, and of nothing else', async () => {
    const { document, editor } = await openMarked('a = [b + c];\n\n');
    const [action] = await regenerateActions(document, editor.selection);
    assert.equal(action?.kind?.value, 'refactor.rewrite.lacuna');
    const blank = new vscode.Range(1, 0, 1, 0);
    assert.deepEqual(await regenerateActions(document, blank), []);
  });
});

function languageOf(uri: vscode.Uri): string | undefined {
  const documents = vscode.workspace.textDocuments;
  return documents.find((document) => document.uri.toString() === uri.toString())?.languageId;
}
