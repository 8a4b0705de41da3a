/**
 * The hunks of one draft: each accepted or rejected by itself, all of them in one undo step, in the three
 * kinds of documents, byte for byte; and what a further request does with those that were accepted.
 */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { DraftWish } from '../../src/protocol/messages';
import { change, inState, openMarked, run } from './editorText';
import { proposalSuite } from './fakeSampler';

const kinds = [
  {
    name: 'Python',
    language: 'python',
    text: 'def area(width, height):\n    [size = width * height\n    half = size / 2\n    return half]\n',
  },
  {
    name: 'TypeScript',
    language: 'typescript',
    text: 'function area(width: number, height: number) {\n  [size = width * height;\n  half = size / 2;\n  return half;]\n}\n',
  },
  {
    name: 'a CRLF file with tabs',
    language: 'javascript',
    text: 'function area(width, height) {\r\n\t[size = width * height;\r\n\thalf = size / 2;\r\n\treturn half;]\r\n}\r\n',
  },
];

/** Three places: one in each line, the last one longer by a line. */
const changed = (text: string) =>
  text.replace('width *', 'width +').replace('/ 2', '/ 4').replace('return half', 'log(half)\nreturn half'); // prettier-ignore

describe('the hunks of a draft', () => {
  const the = proposalSuite();
  beforeEach(async () => {
    await vscode.workspace.getConfiguration('lacuna').update('preview.diff', 'manual', true);
    the.sampler.answer = (target) => changed((target as DraftWish).text);
  });
  after(() => vscode.workspace.getConfiguration('lacuna').update('preview.diff', undefined, true));

  const hunks = () => the.lacuna.edits.gaps.flatMap((gap) => gap.hunks);
  const undo = () => vscode.commands.executeCommand('undo');
  const redo = () => vscode.commands.executeCommand('redo');

  for (const { name, language, text: marked } of kinds) {
    describe(`in ${name}`, () => {
      const lineEnd = marked.includes('\r') ? '\r\n' : '\n';
      const third = (text: string) => text.replace('return half', `log(half)${lineEnd}return half`);

      it('are those places that change, each with what would come', async () => {
        const { document, text } = await openMarked(marked, language);
        await run('regenerateSelection');
        const shown = hunks().map(({ range, text: now }) => [
          text.slice(range.start, range.end),
          now,
        ]);
        assert.deepEqual(shown, [
          ['*', '+'],
          ['2', '4'],
          ['', `log(half)${lineEnd}`],
        ]);
        assert.equal(document.getText(), text);
      });

      it('are accepted together in one undo step', async () => {
        const { document, text } = await openMarked(marked, language);
        await run('regenerateSelection');
        await run('acceptAll');
        await inState(the.lacuna, 'accepted');
        const expected = third(text.replace('*', '+').replace('2', '4'));
        assert.equal(document.getText(), expected);
        await undo();
        assert.equal(document.getText(), text);
        await redo();
        assert.equal(document.getText(), expected);
      });

      it('are accepted and rejected one by one', async () => {
        const { document, editor, text } = await openMarked(marked, language);
        await run('regenerateSelection');
        editor.selection = new vscode.Selection(2, 0, 2, 0);
        await run('nextGap');
        await run('rejectGap');
        assert.equal(document.getText(), text);
        assert.equal(hunks().length, 2);
        await run('acceptGap');
        const expected = third(text);
        assert.equal(document.getText(), expected, 'the hunk after the rejected one');
        assert.equal(the.lacuna.edits.state, 'ready');
        await run('acceptAll');
        await inState(the.lacuna, 'accepted');
        assert.equal(document.getText(), expected.replace('*', '+'));
        await undo();
        assert.equal(document.getText(), expected);
        await undo();
        assert.equal(document.getText(), text);
        await redo();
        await redo();
        assert.equal(document.getText(), expected.replace('*', '+'));
      });

      it('leave every byte when the last of them is rejected', async () => {
        const { document, text } = await openMarked(marked, language);
        const { version } = document;
        await run('regenerateSelection');
        for (let left = 3; left > 0; left--) {
          assert.equal(hunks().length, left);
          await run('rejectGap');
        }
        assert.equal(the.lacuna.edits.state, 'rejected');
        assert.equal(document.getText(), text);
        assert.equal(document.version, version);
      });

      it('come back with undo while others are open', async () => {
        const { document, text } = await openMarked(marked, language);
        await run('regenerateSelection');
        await run('acceptGap');
        await undo();
        assert.equal(document.getText(), text);
        assert.equal(the.lacuna.edits.state, 'ready');
        assert.equal(hunks().length, 3);
        await redo();
        assert.equal(hunks().length, 2);
        await run('acceptAll');
        assert.equal(document.getText(), third(text.replace('*', '+').replace('2', '4')));
      });

      it('are locks of the next request once they are accepted', async () => {
        const { document, text } = await openMarked(marked, language);
        await run('regenerateSelection');
        await run('acceptGap');
        await run('rejectGap');
        the.sampler.answer = (target) => changed((target as DraftWish).text) + ' ';
        await run('again');
        const draft = the.sampler.lastTargets[0] as DraftWish;
        const written = text.replace('*', '+');
        assert.equal(document.getText(), written);
        assert(written.replaceAll('\r\n', '\n').includes(draft.text));
        assert.deepEqual(
          draft.locks!.map(({ start, end }) => draft.text.slice(start, end)).filter((lock) => lock === '+'), // prettier-ignore
          ['+'],
        );
        assert.deepEqual(
          hunks().map(({ text: now }) => now),
          ['4', `log(half)${lineEnd}`, ' '],
          'what was rejected is proposed again',
        );
      });
    });
  }

  it('are gone to in their order, and named by the links above their lines', async () => {
    const { document, editor } = await openMarked('[a = someone + b * 2;\nc = d;]\n');
    the.sampler.answer = () => 'x = someone + b * 3;\ny = d;';
    await run('regenerateSelection');
    const places: string[] = [];
    for (const command of ['nextGap', 'nextGap', 'nextGap', 'previousGap']) {
      await run(command);
      const { line, character } = editor.selection.active;
      places.push(`${line}:${character}`);
    }
    assert.deepEqual(places, ['0:0', '0:18', '1:0', '0:18']);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
      100,
    );
    const ours = lenses.map(({ range, command }) => ({ line: range.start.line, ...command! }));
    const titles = (line: number) =>
      ours.flatMap((lens) => (lens.line === line ? [lens.title.replace(/^\$\([\w-]+\) /, '')] : [])); // prettier-ignore
    assert.deepEqual(titles(0).sort(), ['2', '2', 'Accept 1 of 3', 'Again', 'Next', 'Reject']); // prettier-ignore
    assert.deepEqual(titles(1).sort(), ['Accept 3 of 3', 'Again', 'Next', 'Reject']);
    const second = ours.find(({ tooltip }) => tooltip === 'Accept this change 2 of 3')!;
    await vscode.commands.executeCommand(second.command, ...second.arguments!);
    assert.equal(document.getText(), 'a = someone + b * 3;\nc = d;\n');
    // The same link again: what it named is not there any more.
    await vscode.commands.executeCommand(second.command, ...second.arguments!);
    assert.equal(document.getText(), 'a = someone + b * 3;\nc = d;\n');
  });

  it('move with the text around them, and go when one of them is edited', async () => {
    const opened = await openMarked('top\n[a = one;\nb = two;]\n');
    the.sampler.answer = () => 'a = 1;\nb = 2;';
    await run('regenerateSelection');
    await change(opened, 'top', 'much\nlonger');
    await run('acceptGap');
    assert.equal(opened.document.getText(), 'much\nlonger\na = 1;\nb = two;\n');
    await change(opened, 'much', 'less');
    assert.equal(hunks().length, 1);
    await change(opened, 'two', 'three');
    assert.equal(the.lacuna.edits.state, 'cancelled');
  });

  it('are those of the alternative that is shown', async () => {
    const { document } = await openMarked('[a = one;\nb = two;]\n');
    the.sampler.answer = (_target, _index, _request, variant) => `a = ${variant};\nb = two${variant};`; // prettier-ignore
    await run('regenerateSelection');
    await run('nextAlternative');
    await run('acceptGap');
    const [shown] = document.getText().split('\n');
    await run('nextAlternative');
    assert.equal(hunks().length, 1, 'no other fill changes back what was accepted');
    await run('acceptAll');
    assert.equal(document.getText().split('\n')[0], shown);
  });

  it('of several drafts are accepted by draft as well', async () => {
    const { document } = await openMarked('[a = one; b = two;]\n[c = three;\nd = four;]\n');
    the.sampler.answer = (target) => (target as DraftWish).text.replaceAll(/= \w+/g, '= 0');
    await run('regenerateSelection');
    assert(hunks().length > 2);
    await run('acceptGap', the.lacuna.edits.gaps[1]!.id);
    assert.equal(document.getText(), 'a = one; b = two;\nc = 0;\nd = 0;\n');
    assert.equal(the.lacuna.edits.gaps[1]!.status, 'accepted');
    await run('rejectAll');
    assert.equal(the.lacuna.edits.state, 'accepted');
    assert.equal(document.getText(), 'a = one; b = two;\nc = 0;\nd = 0;\n');
  });

  it('are settled while gaps beside them stay open', async () => {
    const { document } = await openMarked('[a = one;\nb = two;][c = three;]\n');
    the.sampler.answer = (target) => (target as DraftWish).text.replace(/= \w+/, '= 1234567');
    await run('regenerateSelection');
    await run('acceptGap');
    assert.equal(document.getText(), 'a = 1234567;\nb = two;c = three;\n');
    await run('acceptAll');
    assert.equal(document.getText(), 'a = 1234567;\nb = two;c = 1234567;\n');
  });
});
