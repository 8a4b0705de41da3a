/**
 * The packed extension as a user gets it: installed from its .vsix into a VS Code that knows nothing
 * of this repository, typed into by keys, read back from the disk.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installVsix } from '../bed/workbench.mjs';
import { clickLineEnd, ghostText, openEditor, readUntil, runCommand } from './editor.mjs';

const failureShot = path.resolve(import.meta.dirname, '../../out-test/e2e-failure.png');
const given =
  'function area(width, height) {\n  return width * height;\n}\n\nconst a = area(3, 4);\n';
const places = ['const b = ', 'console.log(a', 'function add(a, b) {', 'if (a > ', 'return '];

describe('the packed extension in the workbench', () => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-e2e-'));
  const folder = path.join(scratch, 'folder');
  const file = path.join(folder, 'area.js');
  let editor;

  before(async () => {
    mkdirSync(folder);
    writeFileSync(file, given);
    const extensionsDir = path.join(scratch, 'extensions');
    mkdirSync(extensionsDir);
    installVsix(process.env['VSIX'], extensionsDir);
    editor = await openEditor({
      folder,
      file,
      extensionsDir,
      // The test is about the way from the key to the disk, not about how sure the model is.
      settings: { 'lacuna.inline.confidenceThreshold': 0 },
    });
  });
  afterEach(async function () {
    if (this.currentTest.state === 'failed') await editor.page.screenshot({ path: failureShot });
  });
  after(async () => {
    await editor?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('shows ghost text for what is typed, and Tab puts it into the file', async () => {
    const { page } = editor;
    let ghost;
    for (const place of places) {
      await clickLineEnd(page, 1000);
      await page.keyboard.type(place, { delay: 40 });
      ghost = await ghostText(page, 8000).catch(() => undefined);
      if (ghost) break;
      await page.keyboard.press('Enter');
    }
    assert(ghost, 'No ghost text came up');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+s');
    const saved = await readUntil(file, (text) => text.length > given.length);
    assert(saved.startsWith(given));
    assert(holdsInOrder(saved.slice(given.length), ghost), `${saved} does not hold ${ghost}`);
  });

  it('fills at the cursor by the command, and one undo takes it back', async () => {
    const { page } = editor;
    for (const place of places) {
      const before = readFileSync(file, 'utf8');
      await clickLineEnd(page, 1000);
      await page.keyboard.insertText(`\n${place}`);
      await page.keyboard.press('Control+s');
      // A file that is being saved is empty for a moment.
      const placed = await readUntil(file, (text) => text.endsWith(place));
      await runCommand(page, 'Lacuna: Fill at Cursor');
      if (!(await ghostText(page, 8000).catch(() => undefined))) continue;
      await page.keyboard.press('Tab');
      await page.keyboard.press('Control+s');
      const isFilled = (text) => text.startsWith(placed) && text !== placed;
      assert(isFilled(await readUntil(file, isFilled)));
      await page.keyboard.press('Control+z');
      await page.keyboard.press('Control+s');
      assert.equal(await readUntil(file, (text) => text === placed), placed);
      return;
    }
    assert.fail('No ghost text came up');
  });

  it('shows the last run step by step beside the editor, worked by keys', async () => {
    const { page } = editor;
    await runCommand(page, 'Lacuna: Show Live View');
    const view = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    const said = (text) => view.locator('[role=status]', { hasText: text }).waitFor();
    // The end may have no token: an automatic fill may find that nothing belongs there.
    await said(/^step (\d+) of \1: .*no mask left$/);
    await view.locator('summary').focus();
    await page.keyboard.press('Home');
    await said(/^step 0 of \d+: \d+ masks? left$/);
    assert(await view.locator('.cell.masked').first().isVisible());
    await page.keyboard.press('End');
    await said(/no mask left$/);
    await page.keyboard.press('Control+w');
  });

  it('tests itself, and says that all is well', async () => {
    const { page } = editor;
    await runCommand(page, 'Lacuna: Run Self-Test');
    // Toasts are held back in test runs; the bell opens the list.
    await page.locator('#status\\.notifications').click();
    const message = page.locator('.notification-list-item', { hasText: 'All is well' });
    await message.waitFor({ timeout: 30_000 });
    assert.match(
      await message.first().textContent(),
      /was loaded in \d+ ms and filled a gap in \d+ ms/,
    );
    await page.keyboard.press('Escape');
  });

  it('opens its walkthrough with a picture beside each step', async () => {
    const { page } = editor;
    await runCommand(page, 'Lacuna: Open Walkthrough');
    const steps = page.locator('.gettingStartedContainer .getting-started-step');
    await steps.first().waitFor({ timeout: 30_000 });
    assert((await steps.count()) >= 4);
    const picture = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    // In a narrow window it is there and not shown.
    await picture.locator('svg').first().waitFor({ timeout: 30_000, state: 'attached' });
  });
});

describe('the packed extension in German', () => {
  it('speaks it, in its commands and at run time', async () => {
    const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-e2e-'));
    const [folder, extensionsDir] = ['folder', 'extensions'].map((name) =>
      path.join(scratch, name),
    );
    for (const made of [folder, extensionsDir]) mkdirSync(made);
    const file = path.join(folder, 'area.js');
    writeFileSync(file, given);
    installVsix(process.env['VSIX'], extensionsDir);
    const ready = 'Lacuna: bereit';
    const editor = await openEditor({ folder, file, extensionsDir, language: 'de', ready });
    try {
      await runCommand(editor.page, 'Lacuna: Selbsttest ausführen');
      await editor.page.locator('#status\\.notifications').click();
      const message = editor.page.locator('.notification-list-item', {
        hasText: 'Alles in Ordnung',
      });
      await message.waitFor({ timeout: 30_000 });
    } finally {
      await editor.close();
      rmSync(scratch, { recursive: true, force: true });
    }
  });
});

/** Text that was there already stands between the pieces of ghost text; white space is drawn its own way. */
function holdsInOrder(text, pieces) {
  let from = 0;
  for (const letter of pieces.replaceAll(/\s+/g, '')) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}
