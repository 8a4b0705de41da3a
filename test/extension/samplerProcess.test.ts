/** The life of the sampler process as the extension host sees it. */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import { activateLacuna, closeAll, invoke, open, until, withSetting } from './workbench';

describe('the sampler process', () => {
  let lacuna: LacunaApi;

  before(async () => {
    lacuna = await activateLacuna();
  });
  afterEach(closeAll);

  const isReady = () => lacuna.status.state === 'ready';

  it('says in the status bar that it is ready, and with which model', () => {
    assert.match(lacuna.statusText, /^Lacuna: (ready|slow)$/); // a busy machine is slow
    assert.equal(lacuna.status.model?.name, 'lacuna-default');
  });

  it('comes back when it is killed, and fills again', async () => {
    const killed = lacuna.samplerPid!;
    process.kill(killed, 'SIGKILL');
    await until('the loss is seen', () => !isReady());
    await until('the sampler is back', isReady);
    assert.notEqual(lacuna.samplerPid, killed);
    await open('const a = |;\n');
    const { outcome, detail } = await invoke(lacuna);
    assert.notEqual(outcome, 'failed', detail);
  });

  it('answers a fill that was invoked while it is down', async () => {
    await open('const b = |;\n');
    process.kill(lacuna.samplerPid!, 'SIGKILL');
    await until('the loss is seen', () => !isReady());
    const { outcome, detail } = await invoke(lacuna);
    assert.notEqual(outcome, 'failed', detail);
  });

  it('is replaced by the command', async () => {
    const before = lacuna.samplerPid;
    await vscode.commands.executeCommand('lacuna.restartSampler');
    await until('the sampler is back', isReady);
    assert.notEqual(lacuna.samplerPid, before);
  });

  it('is shared, and its status says what it holds and whom it serves', async () => {
    const text = await vscode.commands.executeCommand<string>('lacuna.samplerStatus');
    assert.match(text, /shared by all windows/);
    assert.match(text, /lacuna\\-default \| cpu \| q8 \| 1 \| in memory/);
    assert.match(text, new RegExp(`${lacuna.samplerPid}, Lacuna \\d`));
    assert.match(text, /Connections \| VS Code/);
    await closeAll();
  });

  it('is ended by a command, and started again by another', async () => {
    await vscode.commands.executeCommand('lacuna.stopSampler');
    assert.equal(lacuna.status.state, 'stopped');
    assert.equal(lacuna.samplerPid, undefined);
    assert.match(lacuna.statusText, /stopped/);
    await vscode.commands.executeCommand('lacuna.restartSampler');
    await until('the sampler is back', isReady);
  });

  it('is a private one where the setting says so', async () => {
    const shared = lacuna.samplerPid;
    await withSetting('server.shared', false, async () => {
      await until('a private one is ready', () => isReady() && lacuna.samplerPid !== shared);
      const text = await vscode.commands.executeCommand<string>('lacuna.samplerStatus');
      assert.match(text, /of this window alone/);
      await closeAll();
    });
    await until('the shared one is back', async () => {
      if (!isReady()) return false;
      const text = await vscode.commands.executeCommand<string>('lacuna.samplerStatus');
      return /shared by all windows/.test(text);
    });
  });

  it('keeps the model when another cannot be loaded, and says what was wrong', async () => {
    await withSetting('model.path', '/nowhere/at/all', async () => {
      await until('the failure is told', () => isReady() && lacuna.status.detail !== '');
      assert.match(lacuna.status.detail, /nowhere/);
      assert.equal(lacuna.status.model?.name, 'lacuna-default');
    });
    await until('the embedded model is back', () => isReady() && lacuna.status.detail === '');
  });
});
