/**
 * Ghost text in a real extension host with the real sampler process and the embedded model. No test
 * depends on what the model says: each looks for a place where it says something worth showing, and
 * then at what the editor does with it.
 */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import {
  activateLacuna,
  closeAll,
  commit,
  invoke,
  nextRequest,
  open,
  openFilled,
  setTemperature,
  type,
  until,
  withSetting,
} from './workbench';

function holdsInOrder(text: string, characters: string): boolean {
  let at = -1;
  return [...characters].every((character) => (at = text.indexOf(character, at + 1)) >= 0);
}

describe('ghost text', () => {
  let lacuna: LacunaApi;

  before(async () => {
    lacuna = await activateLacuna();
  });
  afterEach(closeAll);

  after(() => setTemperature(undefined));

  it('is shown when invoked, and accepting inserts it and nothing else', async () => {
    const { editor, text } = await openFilled(lacuna);
    const after = await commit(lacuna, editor);
    const [before = '', behind = ''] = text.split('|');
    assert(after.startsWith(before), after);
    // What closes the line may come within the fill, in its order; what follows the line stays behind it.
    const [restOfLine = '', ...following] = behind.split('\n');
    const tail = ['', ...following].join('\n');
    assert(after.endsWith(tail), after);
    const middle = after.slice(before.length, after.length - tail.length);
    assert(holdsInOrder(middle, restOfLine), after);
    assert(after.length > text.length - 1);
  });

  it('inserts the same text at the same place again', async () => {
    const { editor, text } = await openFilled(lacuna);
    const first = await commit(lacuna, editor);
    await closeAll();
    const again = await open(text);
    await invoke(lacuna);
    assert.equal(await commit(lacuna, again), first);
  });

  it('is one step for undo and redo', async () => {
    const { editor, text } = await openFilled(lacuna);
    const after = await commit(lacuna, editor);
    await vscode.commands.executeCommand('undo');
    assert.equal(editor.document.getText(), text.replace('|', ''));
    await vscode.commands.executeCommand('redo');
    assert.equal(editor.document.getText(), after);
  });

  it('keeps the line ends of a CRLF document', async () => {
    const { editor } = await openFilled(lacuna, { crlf: true });
    const after = await commit(lacuna, editor);
    assert.equal(editor.document.eol, vscode.EndOfLine.CRLF);
    assert.equal(after.replaceAll('\r\n', '').search(/[\r\n]/), -1);
  });

  it('is counted when it is accepted', async () => {
    const { editor } = await openFilled(lacuna);
    const before = lacuna.acceptedCount;
    await commit(lacuna, editor);
    assert.equal(lacuna.acceptedCount, before + 1);
  });

  it('needs no new request while it is typed along', async () => {
    const { editor, text } = await openFilled(lacuna, { withinLine: true });
    const filled = await commit(lacuna, editor);
    await closeAll();
    const again = await open(text);
    await invoke(lacuna);
    const typed = filled[text.indexOf('|')]!;
    assert.notEqual(typed, '\n', `A line end is not typed: ${filled}`);
    // VS Code may ask again while the text is typed along; the sampler must not be.
    const asked = nextRequest(lacuna, ({ forwards }) => forwards !== undefined, 1000);
    await type(typed);
    await assert.rejects(asked, /No request was answered/);
    assert.equal(await commit(lacuna, again), filled);
  });

  it('fills a gap at the start, at the end and in nothing', async () => {
    for (const text of ['|\nconst a = 1;\n', 'const a = 1;\n|', '|']) {
      await open(text);
      const { outcome, detail } = await invoke(lacuna);
      assert.notEqual(outcome, 'failed', detail);
      assert.notEqual(outcome, 'notReady');
      await closeAll();
    }
  });

  it('answers in a file of 20,000 lines', async () => {
    const lines = 'export const value = compute(1, 2, 3);\n'.repeat(10_000);
    await open(`${lines}const sum = |;\n${lines}`);
    const { outcome, detail, parts } = await invoke(lacuna);
    assert.notEqual(outcome, 'failed', detail);
    assert(parts.contextMs < 500, `Reading the surroundings took ${parts.contextMs} ms`);
  });

  it('answers in one line of a million characters', async () => {
    await open(`const table = [${'1,'.repeat(250_000)}|${'2,'.repeat(250_000)}];`);
    const { outcome, detail } = await invoke(lacuna);
    assert.notEqual(outcome, 'failed', detail);
  });

  it('goes on from the suggestion that is selected in the list', async () => {
    const editor = await open('const completelyUnique = 1;\nconst b = completely|\n');
    const answered = nextRequest(lacuna, (record) => record.continuesSuggestion);
    await vscode.commands.executeCommand('editor.action.triggerSuggest');
    const { outcome, detail } = await answered;
    assert(outcome !== 'failed' && outcome !== 'suggestWidget', `${outcome} ${detail}`);
    await vscode.commands.executeCommand('acceptSelectedSuggestion');
    await until('the suggestion is accepted', () =>
      editor.document
        .getText()
        .startsWith('const completelyUnique = 1;\nconst b = completelyUnique'),
    );
  });

  it('gives way to the next key', async () => {
    await withSetting('inline.debounceMs', 400, async () => {
      const editor = await open('function area(width: number, height: number) {\n  |\n}\n');
      const superseded = nextRequest(lacuna, ({ outcome }) => outcome === 'superseded');
      for (const key of 'return') {
        await type(key);
        await new Promise((resolve) => setTimeout(resolve, 120)); // longer than VS Code's own 50 ms
      }
      await superseded;
      assert.match(editor.document.getText(), /return/);
    });
  });
});
