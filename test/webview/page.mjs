/**
 * A page of a web view in a plain browser: our own HTML with its policy, our own bundle, and a stand-in
 * for VS Code that keeps what the page posts and lets a test answer. Knows no single view.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { openPage } from '../bed/browser.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const { htmlShell, newNonce } = createRequire(import.meta.url)(
  path.join(root, 'out-test/webview/htmlShell.js'),
);
const origin = 'http://view.test';
const types = { '.js': 'text/javascript', '.css': 'text/css' };

/** Runs in the page before its script does. */
function standIn() {
  window.posted = [];
  window.violations = [];
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    window.violations.push(`${violatedDirective} ${blockedURI}`),
  );
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.posted.push(message),
    getState: () => JSON.parse(sessionStorage.getItem('kept') ?? 'null') ?? undefined,
    setState: (state) => sessionStorage.setItem('kept', JSON.stringify(state)),
  });
}

/** @param bundle its name: `liveView`. */
export async function openView(bundle, { viewport = { width: 800, height: 700 } } = {}) {
  const { browser, page } = await openPage({ viewport });
  await page.addInitScript(standIn);
  await page.route('**/*', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/') {
      const [scriptUri, styleUri] = ['js', 'css'].map((end) => `${origin}/${bundle}.${end}`);
      const shell = { title: bundle, scriptUri, styleUri, cspSource: origin, nonce: newNonce() };
      return route.fulfill({ contentType: 'text/html', body: htmlShell(shell) });
    }
    const contentType = types[path.extname(pathname)];
    if (!contentType) return route.fulfill({ status: 404 });
    const body = readFileSync(path.join(root, 'dist/webview', path.basename(pathname)), 'utf8');
    return route.fulfill({ contentType, body });
  });
  return {
    page,
    /** Loads the page, as showing its tab does. */
    load: (motion = 'reduce') =>
      page.emulateMedia({ reducedMotion: motion }).then(() => page.goto(`${origin}/`)),
    forget: () => page.evaluate(() => sessionStorage.clear()).catch(() => {}),
    tell: (message) => page.evaluate((data) => window.postMessage(data, '*'), message),
    posted: () => page.evaluate(() => window.posted.splice(0)),
    violations: () => page.evaluate(() => window.violations),
    close: () => browser.close(),
  };
}
