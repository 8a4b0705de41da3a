/**
 * A web view's page in a real browser, as VS Code would open it: the very HTML with its policy, the built
 * bundle, the variables of a theme (themes.json, read off a workbench), a stand-in for VS Code's API. Every
 * request but those for its own files is refused and remembered. Knows no single view and no single test.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { openPage } from '../bed/browser.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const origin = 'https://webview.test';
export const themes = JSON.parse(
  readFileSync(path.join(import.meta.dirname, 'themes.json'), 'utf8'),
);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A module of src/, bundled and imported. */
export async function importSource(file) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [path.join(root, file)],
    ...{ bundle: true, write: false, platform: 'node', format: 'esm', target: 'node20' },
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}

const { htmlShell, newNonce } = await importSource('src/extension/webview/htmlShell.ts');

let browser;

/** In a browser of its own for the first one, and for all that follow. */
async function newPage(viewport) {
  if (!browser) {
    const opened = await openPage({ viewport });
    browser = opened.browser;
    return opened.page;
  }
  const context = await browser.newContext({ viewport });
  return context.newPage();
}

/** Call it in a root hook: pages share the browser. */
export async function closeBrowser() {
  await browser?.close();
  browser = undefined;
}

/** Runs in the page before its script does. What the page keeps outlives it, as in VS Code. */
function standIn(kept) {
  window.posted = [];
  window.violations = [];
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    window.violations.push(`${violatedDirective} ${blockedURI}`),
  );
  if (kept !== undefined && sessionStorage.getItem('kept') === null) {
    sessionStorage.setItem('kept', JSON.stringify(kept));
  }
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.posted.push(message),
    getState: () => JSON.parse(sessionStorage.getItem('kept') ?? 'null') ?? undefined,
    setState: (state) => sessionStorage.setItem('kept', JSON.stringify(state)),
  });
}

/**
 * @param bundle its files in dist/webview, without their endings.
 * @param kept what an earlier page kept; `words` what the host puts into it.
 */
export async function openView(
  bundle,
  { theme = 'dark', viewport = { width: 300, height: 700 }, kept, words } = {},
) {
  const page = await newPage(viewport);
  const requests = [];
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('dialog', (dialog) => {
    errors.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const html = htmlShell({
    cspSource: origin,
    scriptUri: `${origin}/${bundle}.js`,
    styleUri: `${origin}/${bundle}.css`,
    title: 'Lacuna',
    language: 'en',
    nonce: newNonce(),
    ...(words && { words }),
  });
  const own = {
    '/': ['text/html', () => html],
    [`/${bundle}.js`]: ['text/javascript', () => read(`${bundle}.js`)],
    [`/${bundle}.css`]: ['text/css', () => read(`${bundle}.css`)],
  };
  await page.context().route('**/*', (route) => {
    const url = new URL(route.request().url());
    const file = url.origin === origin ? own[url.pathname] : undefined;
    if (file) return route.fulfill({ contentType: file[0], body: file[1]() });
    requests.push(url.href);
    return route.abort();
  });
  await page.addInitScript(standIn, kept);
  /** As showing its tab does. */
  const load = async (reducedMotion = 'no-preference') => {
    await page.emulateMedia({ reducedMotion });
    await page.goto(`${origin}/`);
    await setTheme(page, theme);
  };
  await load();
  return {
    page,
    html,
    load,
    /** Asked of anybody but the page's own files. */
    requests,
    errors,
    /** Of the policy. */
    violations: () => page.evaluate(() => window.violations),
    close: () => page.context().close(),
    tell: (...messages) =>
      page.evaluate((all) => {
        for (const data of all) window.dispatchEvent(new MessageEvent('message', { data }));
        return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      }, messages),
    /** What it posted since the last look. */
    posted: () => page.evaluate(() => window.posted.splice(0)),
    kept: () => page.evaluate(() => JSON.parse(sessionStorage.getItem('kept') ?? 'null')),
    forget: () => page.evaluate(() => sessionStorage.clear()),
    /** Breaches that axe finds, one line each. */
    breaches: async () => {
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document));
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ html: node, any }) => `${id}: ${help}: ${node} ${any[0]?.message ?? ''}`),
      );
    },
  };
}

/** As VS Code does it: variables on the root, a class on the body. */
export function setTheme(page, theme) {
  return page.evaluate(({ bodyClass, variables }) => {
    document.body.className = bodyClass;
    const { style } = document.documentElement;
    style.cssText = '';
    for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
    style.setProperty('background', variables['--vscode-sideBar-background']);
  }, themes[theme]);
}

function read(name) {
  return readFileSync(path.join(root, 'dist/webview', name), 'utf8');
}
