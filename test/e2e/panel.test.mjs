/**
 * The instruction panel of the packed extension in a real workbench: asked by keys, its answer put into the
 * file and read back from the disk; looked at by axe in its own frame, and pictures of it in three themes
 * (out-test/panel-*.png).
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { installVsix } from '../bed/workbench.mjs';
import { clickLineEnd, openEditor } from './editor.mjs';
import { frameOf, openPanel } from './panel.mjs';

const pictures = path.resolve(import.meta.dirname, '../../out-test');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const given = 'function area(width, height) {\n  return width * height;\n}\n\nconst a = \n';
const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  contrast: 'Default High Contrast',
};

describe('the instruction panel in the workbench', () => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-e2e-'));
  const extensionsDir = path.join(scratch, 'extensions');
  const folder = path.join(scratch, 'folder');
  const file = path.join(folder, 'area.js');
  let editor;

  before(() => {
    for (const dir of [folder, extensionsDir]) mkdirSync(dir);
    mkdirSync(pictures, { recursive: true });
    installVsix(process.env['VSIX'], extensionsDir);
  });
  afterEach(async function () {
    if (this.currentTest.state === 'failed') {
      await editor?.page.screenshot({ path: path.join(pictures, 'panel-failure.png') });
    }
    await editor?.close();
    editor = undefined;
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  for (const [name, theme] of Object.entries(themes)) {
    it(`answers in ${theme}, and the answer goes into the file`, async () => {
      writeFileSync(file, given);
      const settings = { 'workbench.colorTheme': theme };
      const viewport = { width: 1100, height: 760 };
      editor = await openEditor({ folder, file, extensionsDir, settings, viewport });
      const { page } = editor;
      await clickLineEnd(page, 5);
      const panel = await openPanel(page);
      await page.keyboard.type('the area of 3 by 4');
      await page.keyboard.press('Enter');
      await panel.locator('.figures').waitFor({ timeout: 30_000 });
      await page.screenshot({ path: path.join(pictures, `panel-${name}.png`) });
      const frame = await frameOf(panel);
      await frame.evaluate(axe);
      // What shines through the frame is not seen from within; test/webview looks at contrast.
      const rules = { 'color-contrast': { enabled: false } };
      const { violations } = await frame.evaluate(
        (r) => window.axe.run(document, { rules: r }),
        rules,
      );
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
        [],
      );
      const answer = await panel.locator('.code code').textContent();
      await panel.getByRole('button', { name: 'Insert at cursor' }).click();
      await page.locator('.monaco-editor.focused').waitFor();
      await page.keyboard.press('Control+s');
      const wanted = given.replace('const a = ', `const a = ${answer}`);
      assert.equal(await readUntil(file, (text) => text === wanted), wanted);
    });
  }
});

async function readUntil(file, fits) {
  const deadlineMs = Date.now() + 10_000;
  for (;;) {
    const text = readFileSync(file, 'utf8');
    if (fits(text) || Date.now() > deadlineMs) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
