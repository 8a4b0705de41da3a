/** Where Lacuna stays silent, and that it says why. */
import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import {
  activateLacuna,
  closeAll,
  invoke,
  nextRequest,
  open,
  placesWorthFilling,
  type,
  withSetting,
} from './workbench';

describe('silence', () => {
  let lacuna: LacunaApi;
  let folder: string;

  before(async () => {
    lacuna = await activateLacuna();
    folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-silence-'));
  });
  after(() => rm(folder, { recursive: true }));
  afterEach(closeAll);

  async function openFile(name: string): Promise<void> {
    const file = path.join(folder, name);
    await writeFile(file, 'TOKEN=\n');
    const editor = await vscode.window.showTextDocument(vscode.Uri.file(file));
    editor.selection = new vscode.Selection(0, 6, 0, 6);
  }

  const secrets = ['.env', '.env.local', 'server.pem', 'id_rsa', '.npmrc', 'secrets.yaml'];
  for (const name of secrets) {
    it(`reads no ${name}`, async () => {
      await openFile(name);
      assert.equal((await invoke(lacuna)).outcome, 'disabledFile');
      assert.equal(lacuna.statusText, 'Lacuna: off for this file');
    });
  }

  it('reads a file whose name only looks like one', async () => {
    await openFile('environment.ts');
    assert.notEqual((await invoke(lacuna)).outcome, 'disabledFile');
  });

  it('reads no file that the setting names', async () => {
    await withSetting('disabledFiles', ['**/*.generated.ts'], async () => {
      await openFile('a.generated.ts');
      assert.equal((await invoke(lacuna)).outcome, 'disabledFile');
    });
  });

  it('has no answer for several cursors', async () => {
    const editor = await open('a = |\nb = \n');
    editor.selections = [new vscode.Selection(0, 4, 0, 4), new vscode.Selection(1, 4, 1, 4)];
    assert.equal((await invoke(lacuna)).outcome, 'severalCursors');
  });

  it('is off where the mode is off', async () => {
    await withSetting('inline.mode', 'off', async () => {
      await open('a = |\n');
      assert.equal((await invoke(lacuna)).outcome, 'off');
      assert.equal(lacuna.statusText, 'Lacuna: off');
    });
  });

  it('waits to be invoked where the mode is manual', async () => {
    await withSetting('inline.mode', 'manual', async () => {
      await open('a = |\n');
      const automatic = nextRequest(lacuna, (record) => record.automatic);
      await type('b');
      assert.equal((await automatic).outcome, 'manual');
      assert.notEqual((await invoke(lacuna)).outcome, 'manual');
    });
  });

  it('is kept by snoozing until that is ended', async () => {
    await vscode.commands.executeCommand('lacuna.snooze', 5);
    assert.equal(lacuna.statusText, 'Lacuna: snoozed');
    await open('a = |\n');
    const automatic = nextRequest(lacuna, (record) => record.automatic);
    await type('b');
    assert.equal((await automatic).outcome, 'snoozed');
    await vscode.commands.executeCommand('lacuna.snooze');
    assert.match(lacuna.statusText, /^Lacuna: (ready|slow)$/); // a busy machine is slow
  });

  it('keeps an automatic fill under the threshold to itself, and shows it when invoked', async () => {
    await withSetting('inline.confidenceThreshold', 1, async () => {
      // A fill may be unfit for another reason; at one of these places it is not.
      for (const text of placesWorthFilling) {
        await open(text);
        const automatic = nextRequest(lacuna, ({ automatic: asked }) => asked);
        await type(' ');
        const { outcome, threshold } = await automatic;
        if (outcome === 'lowConfidence') {
          assert.equal(threshold, 1);
          assert.equal((await invoke(lacuna)).outcome, 'shown');
          return;
        }
        assert.notEqual(outcome, 'shown', 'no model is entirely sure');
        await closeAll();
      }
      assert.fail('no place gave an automatic fill that only its confidence held back');
    });
  });

  it('is explained', async () => {
    await openFile('.env');
    await invoke(lacuna);
    const text = await vscode.commands.executeCommand<string>('lacuna.explainLast');
    assert.match(text, /^Invoked completion in \.env: nothing was shown because the file is on/);
  });
});
