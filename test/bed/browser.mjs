/**
 * Finds the headless browser that drives the workbench, and opens a page in it. In this order: the
 * path in CHROMIUM, an installed Chrome or Chromium, apt-get where that is allowed, and last the
 * one that the registry package @sparticuz/chromium carries. Knows nothing of VS Code.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bedDir, bedNode } from './setup.mjs';

const packed = '@sparticuz/chromium@153.0.0'; // holds a Chromium 147; needs libnspr4 and libnss3
const packedDir = path.join(bedDir, 'node_modules/.chromium');

const quietArgs = [
  '--no-sandbox', // a container's root has no user namespace to sandbox with
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** The browser to run and where it came from; throws with advice where there is none. */
export function findBrowser() {
  const named = process.env['CHROMIUM'];
  if (named) {
    if (works(named)) return { executable: named, origin: 'CHROMIUM' };
    throw new Error(`Cannot run the browser named by CHROMIUM: "${named} --version" failed`);
  }
  return installedBrowser() ?? browserFromApt() ?? browserFromRegistry();
}

export async function openPage({ viewport = { width: 1200, height: 800 }, args = [] } = {}) {
  const { chromium } = createRequire(path.join(bedDir, 'package.json'))('playwright-core');
  const { executable, env } = findBrowser();
  const browser = await chromium.launch({
    executablePath: executable,
    headless: true,
    args: [...quietArgs, ...args],
    ...(env && { env: { ...process.env, ...env } }),
  });
  const context = await browser.newContext({ viewport });
  return { browser, page: await context.newPage() };
}

function works(executable, env = {}) {
  const answer = spawnSync(executable, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return answer.status === 0;
}

function installedBrowser() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const name of names) {
      const executable = path.join(folder, name);
      // Ubuntu's /usr/bin/chromium-browser only says that it is a snap, and fails.
      if (existsSync(executable) && works(executable)) return { executable, origin: 'installed' };
    }
  }
  return undefined;
}

function browserFromApt() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  console.log('# installing chromium with apt-get');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
    stdio: 'ignore',
    env,
  });
  return installedBrowser();
}

function browserFromRegistry() {
  if (!existsSync(path.join(packedDir, 'node_modules'))) {
    console.log(`# installing ${packed} from the registry`);
    mkdirSync(packedDir, { recursive: true });
    writeFileSync(path.join(packedDir, 'package.json'), '{"private":true,"type":"module"}\n');
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    spawnSync('npm', [...args, packed], { cwd: packedDir, stdio: 'inherit' });
  }
  // The package wants Node 22, so the bed's own Node unpacks it; the libraries it carries besides
  // are unpacked by it only where it believes to be in AWS.
  const unpack = `import chromium, { inflate } from '@sparticuz/chromium';
    await inflate('node_modules/@sparticuz/chromium/bin/al2023.tar.br').catch(() => {});
    console.log(await chromium.executablePath());`;
  const answer = spawnSync(bedNode, ['--input-type=module', '-e', unpack], {
    cwd: packedDir,
    encoding: 'utf8',
  });
  const executable = answer.stdout?.trim().split('\n').at(-1);
  const libraries = path.join(os.tmpdir(), 'al2023/lib');
  const env = existsSync(libraries) ? { LD_LIBRARY_PATH: libraries } : {};
  if (executable && works(executable, env)) return { executable, env, origin: packed };
  throw new Error(
    'Cannot find a browser for the workbench tests: no Chrome or Chromium is installed and ' +
      `${packed} does not start here. Install Chromium, or set CHROMIUM to its path`,
  );
}

if (process.argv[1] === import.meta.filename) {
  const { executable, origin } = findBrowser();
  console.log(`# browser: ${executable} (${origin})`);
}
