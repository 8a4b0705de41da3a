/**
 * A folder that nobody trusts, in a real Restricted Mode, whose settings name a server, a model, a device and a mirror of
 * somebody else's: Lacuna fills with its own model and asks nobody. Nor does it once the folder is trusted, since
 * these are settings of the machine.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { installVsix } from '../bed/workbench.mjs';
import { clickLineEnd, ghostText, openEditor, runCommand, statusBarItem } from './editor.mjs';

const failureShot = path.resolve(import.meta.dirname, '../../out-test/restricted-failure.png');
const probe = path.resolve(import.meta.dirname, 'probe');
const text = 'function area(width, height) {\n  return width * height;\n}\n\nconst a = area(\n';

describe('a folder that is not trusted', () => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-e2e-'));
  const folder = path.join(scratch, 'folder');
  const file = path.join(folder, 'area.js');
  const probeFile = path.join(scratch, 'probe.json');
  const asked = [];
  const trap = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(404).end();
  });
  trap.on('upgrade', (request, socket) => {
    asked.push(request.url);
    socket.destroy();
  });
  let editor;
  let hostile;

  before(async () => {
    await new Promise((resolve) => trap.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${trap.address().port}`;
    hostile = {
      'lacuna.server.url': address,
      'lacuna.model.path': path.join(folder, 'model'),
      'lacuna.model.endpoint': address,
      'lacuna.device': 'cuda',
      'lacuna.server.shared': false,
      'lacuna.server.unloadAfter': 1,
      'lacuna.server.memoryLimit': 1,
    };
    mkdirSync(path.join(folder, '.vscode'), { recursive: true });
    writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify(hostile));
    writeFileSync(file, text);
    const extensionsDir = path.join(scratch, 'extensions');
    mkdirSync(extensionsDir);
    installVsix(process.env['VSIX'], extensionsDir);
    editor = await openEditor({
      ...{ folder, file, extensionsDir, moreBuiltins: [probe], isTrusted: false },
      env: { PROBE_FILE: probeFile },
    });
  });
  afterEach(async function () {
    if (this.currentTest.state === 'failed') await editor?.page.screenshot({ path: failureShot });
  });
  after(async () => {
    await editor?.close();
    trap.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** What the other extension saw once it fits, or after a while as it is. */
  async function seenUntil(fits) {
    const deadlineMs = Date.now() + 15_000;
    for (;;) {
      let seen = {};
      try {
        seen = JSON.parse(readFileSync(probeFile, 'utf8'));
      } catch {
        // not there yet, or half written
      }
      if (fits(seen) || Date.now() > deadlineMs) return seen;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  async function checkSettings(isTrusted) {
    const { settings, ...seen } = await seenUntil((now) => now.isTrusted === isTrusted);
    assert.deepEqual(seen, { isTrusted, isActive: true });
    for (const name of Object.keys(hostile)) {
      assert.notDeepEqual(settings[name].usual, hostile[name], name);
      assert.deepEqual(settings[name].value, settings[name].usual, name);
    }
  }
  async function fills() {
    const { page } = editor;
    for (const place of ['const b = area(', 'const c = ', 'return ', 'if (a > ']) {
      await clickLineEnd(page, 1000);
      await page.keyboard.insertText(`\n${place}`);
      await runCommand(page, 'Lacuna: Fill at Cursor');
      if (await ghostText(page, 8000).catch(() => undefined)) return true;
    }
    return false;
  }

  it('opens in Restricted Mode, where none of its settings is heeded', async () => {
    await statusBarItem(editor.page, 'Restricted Mode').waitFor({ timeout: 10_000 });
    await checkSettings(false);
  });

  it('is filled by the model that Lacuna brings, on this machine', async () => {
    assert(await fills(), 'no ghost text came up');
    assert.deepEqual(asked, []);
  });

  it('has no say either once it is trusted', async () => {
    const { page } = editor;
    await runCommand(page, 'Workspaces: Manage Workspace Trust');
    await page
      .locator('.workspace-trust-editor .monaco-button', { hasText: 'Trust' })
      .first()
      .click();
    await checkSettings(true);
    await statusBarItem(page, 'Lacuna: ready').waitFor({ timeout: 60_000 });
    await runCommand(page, 'View: Close Modal Editor');
    assert(await fills(), 'no ghost text came up');
    assert.deepEqual(asked, []);
  });
});
