/** A window that moves to a team's server and back: the real `lacuna serve`, the real secret store. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import { ask, metric, testToken, useServe, type Served } from '../server/serveProcess';
import { writeTinyModel } from '../server/tinyModel';
import { activateLacuna, closeAll, invoke, open, until } from './workbench';

describe('a server', () => {
  const start = useServe();
  let lacuna: LacunaApi;
  let folder: string;
  let served: Served;

  const setting = () => vscode.workspace.getConfiguration('lacuna');
  const setUrl = (url: string | undefined) => setting().update('server.url', url, true);
  const { executeCommand } = vscode.commands;
  const modelName = () => lacuna.status.model?.name;
  const isReady = () => lacuna.status.state === 'ready';
  const isLocal = () => isReady() && modelName() === 'lacuna-default';
  const requests = async () =>
    metric((await ask(`${served.url}/metrics`)).text, 'lacuna_request_seconds_count');
  const sockets = async () => metric((await ask(`${served.url}/metrics`)).text, 'lacuna_sockets');

  before(async () => {
    lacuna = await activateLacuna();
    folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-served-'));
    await writeTinyModel(folder);
    served = await start(folder);
  });
  after(async () => {
    await setUrl(undefined);
    await until('the embedded model is back', isLocal);
    await closeAll();
    rmSync(folder, { recursive: true });
  });

  it('that is no address is not used, and told', async () => {
    await executeCommand('notifications.clearAll');
    await setUrl('http://a.example');
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(isLocal());
    await executeCommand('notifications.clearAll');
  });

  it('gets nothing before somebody has said yes', async () => {
    await setUrl(served.url);
    await open('const area = |;\n');
    await invoke(lacuna);
    assert.ok(isLocal());
    assert.equal(await sockets(), 0);
    assert.equal(await requests(), 0);
    assert.match(lacuna.statusText, /^Lacuna: (ready|slow)$/);
  });

  it('is used once somebody has, with its token, and the status bar says so', async () => {
    await executeCommand('lacuna.setServerToken', testToken); // before the question is answered
    await until('the question is answered', async () => {
      await executeCommand('notification.acceptPrimaryAction');
      return until('the window moves', () => !isLocal(), 1000).then(
        () => true,
        () => false,
      );
    });
    await until('the server is connected', () => isReady() && modelName() !== 'lacuna-default');
    assert.match(lacuna.statusText, /^\$\(cloud\) Lacuna: (ready|slow)$/);
    assert.equal(lacuna.samplerPid, undefined);
    assert.equal(lacuna.status.model?.dir, '');
    await open('const height = |;\n');
    const { outcome } = await invoke(lacuna);
    assert.notEqual(outcome, 'failed');
    assert.ok((await requests()) > 0);
    assert.equal(await sockets(), 1);
  });

  it('says that models are its own affair', async () => {
    await executeCommand('lacuna.chooseModel', folder);
    assert.notEqual(modelName(), 'lacuna-default');
    assert.equal(setting().get('model.path'), '');
    await executeCommand('notifications.clearAll');
  });

  it('is left when its token is taken away, and the reason is told', async () => {
    await executeCommand('lacuna.setServerToken', '');
    await until('the client has failed', () => lacuna.status.state === 'failed');
    assert.match(lacuna.status.detail, /no token is set.*Set Server Token/);
    await executeCommand('lacuna.setServerToken', 'not-the-token');
    await until('the token is refused', () => /refuses the token/.test(lacuna.status.detail));
    await executeCommand('lacuna.setServerToken', testToken);
    await until('the server is connected again', isReady);
  });

  it('cannot be set by a workspace', async () => {
    const { Workspace } = vscode.ConfigurationTarget;
    await assert.rejects(async () =>
      setting().update('server.url', 'https://evil.example', Workspace),
    );
    assert.equal(setting().get('server.url'), served.url);
  });

  it('is left for this machine when the setting goes', async () => {
    await setUrl(undefined);
    await until('the embedded model is back', isLocal);
    assert.match(lacuna.statusText, /^Lacuna: (ready|slow)$/);
    await until('the server is let go of', async () => (await sockets()) === 0);
  });
});
