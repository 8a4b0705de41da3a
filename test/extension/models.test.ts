/** Choosing, adding and removing a model in the editor, from a hub that the suite runs itself. */
import { strict as assert } from 'node:assert';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import { writeTinyModel } from '../server/tinyModel';
import { answer, startFakeHub, type FakeHub } from '../support/fakeHub';
import { activateLacuna, until } from './workbench';

const id = 'some-org/tiny-gpt';

describe('models', () => {
  let lacuna: LacunaApi;
  let folder: string;
  let hub: FakeHub;

  before(async () => {
    lacuna = await activateLacuna();
    folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-hub-'));
    await writeTinyModel(folder);
    hub = await startFakeHub(id, folder);
  });
  beforeEach(() => {
    hub.fault = () => false;
    hub.requests.length = 0;
  });
  after(async () => {
    await setting().update('model.path', undefined, true);
    await until('the embedded model is back', () => modelName() === 'lacuna-default');
    await hub.close();
    rmSync(folder, { recursive: true });
  });

  const setting = () => vscode.workspace.getConfiguration('lacuna');
  const modelPath = () => setting().get<string>('model.path', '');
  const modelName = () => lacuna.status.model?.name;
  const { executeCommand } = vscode.commands;
  const weights = () => hub.requests.filter((line) => /blob\?name=model/.test(line));
  const choose = (source: string) => executeCommand('lacuna.chooseModel', source);

  /** Presses Enter in whatever list is up, until `holds`. */
  const acceptUntil = (what: string, holds: () => boolean) =>
    until(what, async () => {
      if (holds()) return true;
      await executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await new Promise((resolve) => setTimeout(resolve, 150));
      return holds();
    });

  it('downloads nothing but a look before the licence is accepted', async () => {
    const choosing = choose(`${hub.url}/${id}`);
    await until('the model was looked at', () =>
      hub.requests.some((line) => line.includes('tokenizer_config')),
    );
    let isDone = false;
    void choosing.then(() => (isDone = true));
    await until('the list is left', async () => {
      await executeCommand('workbench.action.closeQuickOpen');
      return isDone;
    });
    assert.deepEqual(weights(), []);
    assert.equal(modelName(), 'lacuna-default');
    assert.equal(modelPath(), '');
  });

  it('keeps the model when a download fails', async () => {
    hub.fault = answer(/blob\?name=model/, 404, { 'x-error-code': 'EntryNotFound' });
    let isDone = false;
    void choose(`${hub.url}/${id}`).then(() => (isDone = true));
    await acceptUntil('the weights were asked for', () => weights().length > 0);
    await until('the command has ended', () => isDone);
    assert.equal(modelName(), 'lacuna-default');
    assert.equal(modelPath(), '');
  });

  it('adds a model, loads it once and writes the setting', async () => {
    const choosing = choose(`${hub.url}/${id}`);
    await acceptUntil('the model is loaded', () => modelName() === 'tiny-gpt');
    await choosing;
    assert.ok(existsSync(path.join(modelPath(), 'lacuna-source.json')));
    assert.equal(lacuna.status.state, 'ready');
    const { loadMs } = lacuna.status.model!;
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(lacuna.status.model!.loadMs, loadMs); // the change of the setting loads nothing
  });

  it('offers the embedded model first, and the added one is removed by choice', async () => {
    const added = modelPath();
    assert.notEqual(added, '');
    const choosing = executeCommand('lacuna.chooseModel');
    await acceptUntil('the embedded model is back', () => modelName() === 'lacuna-default');
    await choosing;
    assert.equal(modelPath(), '');

    await choose(added); // a folder: nothing to accept
    assert.equal(modelName(), 'tiny-gpt');
    const removing = executeCommand('lacuna.removeModel');
    await acceptUntil('the folder is gone', () => !existsSync(added));
    await removing;
    assert.equal(modelName(), 'lacuna-default');
    assert.equal(modelPath(), '');
  });

  it('stays with its model when a folder cannot be loaded', async () => {
    await choose(os.tmpdir());
    assert.equal(modelName(), 'lacuna-default');
    assert.equal(modelPath(), '');
  });
});
