/**
 * Ghost text that was dismissed, or accepted and undone, stays away until it is asked for or something
 * else is typed; with the embedded model, whatever it says.
 */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import { activateLacuna, closeAll, commit, invoke, nextRequest, open, openFilled, setTemperature, type, withSetting } from './workbench'; // prettier-ignore

describe('ghost text that was settled', () => {
  let lacuna: LacunaApi;

  before(async () => {
    lacuna = await activateLacuna();
  });
  afterEach(closeAll);
  after(() => setTemperature(undefined));

  /** What becomes of the next request of VS Code's own that no other one overtakes. */
  const nextAutomatic = () =>
    nextRequest(lacuna, ({ automatic, outcome }) => automatic && outcome !== 'superseded');

  /** What VS Code asks by itself once a key was typed and deleted again. */
  async function askedAgain(): Promise<string> {
    const away = nextRequest(lacuna, ({ automatic }) => automatic);
    await type('~');
    await away;
    const back = nextAutomatic();
    await vscode.commands.executeCommand('deleteLeft');
    return (await back).outcome;
  }

  async function onShown(test: (text: string) => Promise<void>): Promise<void> {
    await withSetting('inline.confidenceThreshold', 0, async () => {
      const { text } = await openFilled(lacuna);
      await test(text);
    });
  }

  it('comes back by itself while nothing was done with it', () =>
    onShown(async () => assert.equal(await askedAgain(), 'shown')));

  it('stays away after Escape, is explained, and is shown when it is asked for', () =>
    onShown(async () => {
      await vscode.commands.executeCommand('lacuna.dismissGhostText');
      assert.equal(await askedAgain(), 'dismissed');
      const words = await vscode.commands.executeCommand<string>('lacuna.explainLast');
      assert.match(words, /dismissed or undone/);
      assert.equal((await invoke(lacuna)).outcome, 'shown');
      assert.equal(await askedAgain(), 'shown');
    }));

  it('stays away after undo, and comes where something else was typed', () =>
    onShown(async (text) => {
      const editor = vscode.window.activeTextEditor!;
      await commit(lacuna, editor);
      const undone = nextAutomatic();
      await vscode.commands.executeCommand('undo');
      assert.equal(editor.document.getText(), text.replace('|', ''));
      assert.equal((await undone).outcome, 'dismissed');
      assert.equal(await askedAgain(), 'dismissed');
      const other = nextAutomatic();
      await type('~');
      assert.notEqual((await other).outcome, 'dismissed');
    }));

  it('is forgotten with its document', () =>
    onShown(async (text) => {
      await vscode.commands.executeCommand('lacuna.dismissGhostText');
      await closeAll();
      await open(text);
      assert.notEqual(await askedAgain(), 'dismissed');
    }));
});
