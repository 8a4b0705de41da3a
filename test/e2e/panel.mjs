/**
 * The instruction panel as a user sees it in the workbench: its page is a frame within a frame. Knows no
 * single test.
 */
import { runCommand } from './editor.mjs';

/** Opens it; resolves to its page once it listens and says where code would go. */
export async function openPanel(page) {
  await runCommand(page, 'Lacuna: Ask in Panel');
  const frame = page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  await frame.locator('.chip .count').first().waitFor({ timeout: 20_000 });
  return frame;
}

/** The frame itself, for scripts that a test runs in it. */
export async function frameOf(locator) {
  const handle = await locator.locator('main').elementHandle();
  return handle.ownerFrame();
}
