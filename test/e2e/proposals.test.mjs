/**
 * Proposals, the heat map, the scan and the repair in the packed extension, by the keys and the mouse of a
 * user, with the embedded model, whatever it says. Leaves a picture of each in a dark, a light and a high
 * contrast theme in out-test/e2e, for people to look at.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installVsix } from '../bed/workbench.mjs';
import {
  clickLineEnd,
  ghostText,
  openEditor,
  readUntil,
  runCommand,
  selectLines,
  statusBarItem,
} from './editor.mjs';

const pictures = path.resolve(import.meta.dirname, '../../out-test/e2e');
const linter = path.join(import.meta.dirname, 'linter');
const given = `/** Sum of all values that are not negative. */
export function total(values) {
  let sum = 0;
  for (const value of values) {
    if (value < 0) continue;
    sum += vlaue;
  }
  return sum;
}

export function average(values) {
  return total(values) / values.length;
}
`.replaceAll('\n', '\r\n');
const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  contrast: 'Default High Contrast',
};

describe('proposals in the workbench', () => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-e2e-'));
  const folder = path.join(scratch, 'folder');
  const extensionsDir = path.join(scratch, 'extensions');
  const file = path.join(folder, 'total.js');
  let editor;

  before(() => {
    mkdirSync(folder);
    mkdirSync(extensionsDir);
    mkdirSync(pictures, { recursive: true });
    installVsix(process.env['VSIX'], extensionsDir);
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  async function open(theme) {
    writeFileSync(file, given);
    editor = await openEditor({
      folder,
      file,
      extensionsDir,
      moreBuiltins: [linter],
      viewport: { width: 900, height: 560 },
      settings: {
        'workbench.colorTheme': themes[theme],
        'editor.fontSize': 15,
        'lacuna.preview.diff': 'manual',
        'lacuna.inline.confidenceThreshold': 0,
      },
    });
    await editor.page.keyboard.press('Control+b'); // the side bar opens with the folder
    return editor.page;
  }
  const picture = (name) => editor.page.screenshot({ path: path.join(pictures, `${name}.png`) });
  const hint = () => statusBarItem(editor.page, /\d changes? \(|1 change, |\d changes, /);
  const links = (title) => editor.page.locator('.codelens-decoration a', { hasText: title });
  const gone = (locator) => locator.first().waitFor({ state: 'detached', timeout: 10_000 });

  async function propose() {
    const { page } = editor;
    await selectLines(page, 3, 8);
    await page.keyboard.press('Shift+Alt+Backslash');
    await hint().waitFor({ timeout: 30_000 });
    await links('Accept').first().waitFor({ timeout: 10_000 });
  }
  async function isOnDisk(fits) {
    await editor.page.keyboard.press('Control+s');
    const text = await readUntil(file, fits);
    assert(fits(text), text);
  }
  const isGiven = (text) => text === given;
  const isOther = (text) =>
    text !== given && text.startsWith(given.slice(0, 80)) && !/(?<!\r)\n/.test(text);

  /** Undo until nothing is left of what was accepted. */
  async function undoAll() {
    const { page } = editor;
    await clickLineEnd(page, 1);
    for (let step = 0; step < 12; step++) await page.keyboard.press('Control+z');
    await isOnDisk(isGiven);
  }

  describe('by keys and mouse', () => {
    before(() => open('dark'));
    after(() => editor.close());
    afterEach(async function () {
      if (this.currentTest.state === 'failed') await picture('failure');
      await editor.page.keyboard.press('Escape');
    });

    it('are rejected by Escape, and leave every byte', async () => {
      await propose();
      assert.equal(readFileSync(file, 'utf8'), given);
      await editor.page.keyboard.press('Escape');
      await gone(hint());
      await gone(links('Accept'));
      await isOnDisk(isGiven);
    });

    it('are accepted whole by Ctrl+Enter, and undone by one Ctrl+Z', async () => {
      await propose();
      await editor.page.keyboard.press('Control+Enter');
      await gone(hint());
      await isOnDisk(isOther);
      await editor.page.keyboard.press('Control+z');
      await isOnDisk(isGiven);
    });

    it('are accepted change by change with keys, and asked for again', async () => {
      const { page } = editor;
      await propose();
      await page.keyboard.press('Alt+F5');
      await page.keyboard.press('Shift+Alt+F5');
      await page.keyboard.press('Alt+Enter');
      await page.locator('.tab.dirty').waitFor({ timeout: 10_000 }); // else the old text is saved
      await isOnDisk(isOther);
      const last = page.locator('.codelens-decoration a', { hasText: /of \d+/ }).last();
      await last.waitFor({ timeout: 10_000 });
      await page.keyboard.press('Alt+/');
      await links('Denoising').or(hint()).first().waitFor({ timeout: 10_000 });
      await hint().waitFor({ timeout: 30_000 });
      await page.keyboard.press('Escape');
      await gone(hint());
      await undoAll();
    });

    it('are accepted and rejected by the links above the lines', async () => {
      await propose();
      await links('Accept').first().click();
      await isOnDisk(isOther);
      for (let clicks = 0; clicks < 20 && (await links('Reject').count()) > 0; clicks++) {
        const before = await links(/Accept/)
          .first()
          .textContent();
        await links('Reject').first().click();
        await editor.page.waitForFunction(
          ([selector, text]) =>
            ![...document.querySelectorAll(selector)].some(
              ({ textContent }) => textContent === text,
            ),
          ['.codelens-decoration a', before],
        );
      }
      await gone(hint());
      await undoAll();
    });

    it('are asked for in the context menu', async () => {
      const { page } = editor;
      await selectLines(page, 3, 8);
      await page.locator('.view-line', { hasText: 'continue' }).click({ button: 'right', position: { x: 60, y: 8 } }); // prettier-ignore
      await page.waitForTimeout(500); // a menu that has just come up takes no click
      await page.locator('.monaco-menu .action-item', { hasText: 'Regenerate Selection' }).click();
      await hint().waitFor({ timeout: 30_000 });
      await page.keyboard.press('Escape');
      await gone(hint());
      await isOnDisk(isGiven);
    });

    it('fill several cursors with one key', async () => {
      const { page } = editor;
      await clickLineEnd(page, 5);
      await runCommand(page, 'Add Cursor Below');
      await page.keyboard.press('Alt+Backslash');
      await statusBarItem(page, '2 changes').waitFor({ timeout: 30_000 });
      await picture('gaps');
      await page.keyboard.press('Control+Enter');
      await gone(hint());
      await page.keyboard.press('Control+z');
      await isOnDisk(isGiven);
    });

    it('leave Escape to ghost text, which then stays away', async () => {
      const { page } = editor;
      let isShown = false;
      for (const place of ['const b = ', 'if (a > ', 'console.log(', 'return ']) {
        await clickLineEnd(page, 100);
        await page.keyboard.type(place, { delay: 40 });
        isShown = await ghostText(page, 8000).then(
          () => true,
          () => false,
        );
        if (isShown) break;
        await page.keyboard.press('Enter');
      }
      assert(isShown, 'No ghost text came up');
      await page.keyboard.press('Escape');
      await page.locator('.ghost-text-decoration').first().waitFor({ state: 'detached' });
      await page.keyboard.type('~');
      await page.keyboard.press('Backspace');
      await assert.rejects(ghostText(page, 3000));
      await undoAll();
    });
  });

  for (const theme of Object.keys(themes)) {
    it(`have a picture in the ${theme} theme, as have confidence, surprises and repair`, async () => {
      const page = await open(theme);
      try {
        await propose();
        await picture(`proposal-${theme}`);
        await page.keyboard.press('Escape');
        await gone(hint());

        await selectLines(page, 2, 9);
        await runCommand(page, 'Lacuna: Show Confidence');
        const colored = page.locator('.view-lines span[class*="ced-"]');
        await colored.nth(9).waitFor({ timeout: 30_000 });
        await page.keyboard.press('ArrowLeft');
        await picture(`confidence-${theme}`);
        await runCommand(page, 'Lacuna: Hide Confidence');

        await selectLines(page, 1, 13);
        await runCommand(page, 'Lacuna: Scan for Surprises');
        await statusBarItem(page, /surprises|surprising/).waitFor({ timeout: 30_000 });
        await page.keyboard.press('ArrowLeft');
        await picture(`surprises-${theme}`);
        await runCommand(page, 'Lacuna: Clear Surprises');

        await page.locator('.squiggly-error').first().waitFor();
        await clickLineEnd(page, 6);
        for (let left = 0; left < 3; left++) await page.keyboard.press('ArrowLeft');
        await page.keyboard.press('Control+.');
        const fix = page.locator('.action-widget .monaco-list-row', {
          hasText: 'Denoise this again',
        });
        await fix.waitFor();
        await picture(`repair-${theme}`);
        await fix.click();
        await hint().waitFor({ timeout: 30_000 });
        await picture(`repaired-${theme}`);
        await page.keyboard.press('Escape');
        await gone(hint());
        await isOnDisk(isGiven);
      } catch (error) {
        await picture(`failure-${theme}`);
        throw error;
      } finally {
        await editor.close();
      }
    });
  }
});
