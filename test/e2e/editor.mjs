/**
 * What a user does in the workbench's editor, by the mouse and the keys of a browser page, and what
 * they see. Stands on class names of VS Code 1.139; knows no single test.
 */
import { readFileSync } from 'node:fs';
import { openPage } from '../bed/browser.mjs';
import { startWorkbench, workbenchUrl } from '../bed/workbench.mjs';

const ghost = '.ghost-text-decoration, .ghost-text, .ghost-text-decoration-preview';

/**
 * The workbench on `folder` with `file` open, once Lacuna says in the status bar that it is ready. With a
 * `language`, extensions are told that one; VS Code's own texts would take a language pack.
 */
export async function openEditor({
  folder,
  file,
  extension,
  extensionsDir,
  settings,
  viewport,
  moreBuiltins,
  language,
  env,
  isTrusted,
  ready = 'Lacuna: ready',
}) {
  const server = await startWorkbench({ settings, env, extensionsDir, moreBuiltins, isTrusted });
  const { browser, page } = await openPage({ viewport });
  const close = async () => {
    await browser.close().catch(() => {});
    await server.stop();
  };
  try {
    if (language) {
      await page.addInitScript((id) => (globalThis._VSCODE_NLS_LANGUAGE = id), language);
    }
    await page.goto(workbenchUrl(server, { folder, openFile: file, extension }));
    await page.waitForSelector('.monaco-editor .view-lines', { timeout: 60_000 });
    await statusBarItem(page, ready).waitFor({ timeout: 60_000 });
  } catch (error) {
    await close();
    throw error;
  }
  return { page, close };
}

export function statusBarItem(page, text) {
  return page.locator('.statusbar-item', { hasText: text });
}

/** Puts the cursor at the end of a line. */
export async function clickLineEnd(page, lineNumber) {
  await page.keyboard.press('Control+g'); // "go to line" reaches lines that are not drawn
  await page.locator('.quick-input-widget input').fill(`:${lineNumber}`);
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
}

/** Selects whole lines by the keyboard, from the first's start to behind the last. */
export async function selectLines(page, first, last) {
  await clickLineEnd(page, first);
  await page.keyboard.press('Home');
  for (let line = first; line < last; line++) await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+End');
}

export async function runCommand(page, title) {
  const input = page.locator('.quick-input-widget input');
  // A key that is pressed while the focus is still in a frame that closes goes nowhere.
  for (let press = 0; press < 5 && !(await input.isVisible()); press++) {
    await page.keyboard.press('F1');
    await input.waitFor({ timeout: 3000 }).catch(() => {});
  }
  await input.fill(`>${title}`);
  const row = page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title });
  await row.waitFor({ timeout: 10_000 });
  await page.keyboard.press('Enter');
}

/** The ghost text as it is drawn, in document order; it comes in pieces, one a token of colour. */
export async function ghostText(page, timeoutMs = 20_000) {
  await page.waitForSelector(ghost, { timeout: timeoutMs });
  const pieces = await page.locator(ghost).allTextContents();
  return pieces.join('').replaceAll('\u00a0', ' ');
}

/** The text of a file once it fits, or after a while as it is. */
export async function readUntil(file, fits) {
  const deadlineMs = Date.now() + 10_000;
  for (;;) {
    const text = readFileSync(file, 'utf8');
    if (fits(text) || Date.now() > deadlineMs) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
