/**
 * Starts VS Code's server on a free loopback port, with its own fresh folders, and makes the address
 * of the workbench. The server is the very one that runs remote windows; the extension host is
 * Node. Knows nothing of tests, extensions or browsers.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { bedNode, vscodeDir } from './setup.mjs';

const serverMain = path.join(vscodeDir, 'out/server-main.js');

/** Quiet, offline, and nothing that competes for a key: the suggest widget would take Tab. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.settings.enableNaturalLanguageSearch': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'files.autoSave': 'off',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.parameterHints.enabled': false,
  'editor.minimap.enabled': false,
};

const restricted = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.emptyWindow': false,
  'security.workspace.trust.banner': 'never',
};

/** Loading all built-in extensions costs 5 s a start; these are what the tests look at. */
const builtins = [
  'javascript',
  'typescript-basics',
  'python',
  'ipynb',
  'json',
  'markdown-basics',
  'theme-defaults',
  'theme-seti',
  'theme-modern-icons',
  'configuration-editing',
];

/**
 * Resolves once the server listens. `moreBuiltins`: folders of further extensions. Not `isTrusted`: folders
 * open in Restricted Mode, without a question. `stop` ends its whole process group and removes its folders.
 */
export async function startWorkbench({
  settings = {},
  env = {},
  extensionsDir,
  moreBuiltins = [],
  isTrusted = true,
} = {}) {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'lacuna-bed-'));
  const userDir = path.join(dir, 'data/data/User');
  const builtinDir = path.join(dir, 'builtins');
  const installedDir = extensionsDir ?? path.join(dir, 'extensions');
  for (const folder of [userDir, builtinDir, installedDir]) mkdirSync(folder, { recursive: true });
  for (const name of builtins) {
    symlinkSync(path.join(vscodeDir, 'extensions', name), path.join(builtinDir, name));
  }
  for (const extension of moreBuiltins) {
    symlinkSync(extension, path.join(builtinDir, path.basename(extension)));
  }
  writeFileSync(
    path.join(userDir, 'settings.json'),
    JSON.stringify({ ...quietSettings, ...(isTrusted ? {} : restricted), ...settings }, null, 1),
  );

  const port = await freePort();
  const child = spawn(
    bedNode,
    [
      serverMain,
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...['--without-connection-token', '--accept-server-license-terms'],
      ...['--telemetry-level', 'off', ...(isTrusted ? ['--disable-workspace-trust'] : [])],
      // Without this a built workbench drops the extensionTestsPath of its address, silently.
      '--enable-smoke-test-driver',
      ...['--server-data-dir', path.join(dir, 'data'), '--extensions-dir', installedDir],
      `--builtin-extensions-dir=${builtinDir}`,
    ],
    {
      // A sampler process of its own, which shares nothing with what else runs on this machine.
      env: {
        LACUNA_RUNTIME_DIR: path.join(dir, 'run'),
        ...cleanEnvironment(),
        ...env,
        HOME: dir,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true, // its own process group, so that stop() reaches the extension hosts too
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));

  const stop = async () => {
    const ended = child.exitCode !== null || child.signalCode !== null || once(child, 'exit');
    killGroup(child.pid, 'SIGTERM');
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 3000))]);
    killGroup(child.pid, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const server = { port, stop, output: () => output };
  try {
    await listening(child, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return server;
}

/** Installs a .vsix into `extensionsDir`, as a user's server would. */
export function installVsix(vsix, extensionsDir) {
  const answer = spawnSync(
    bedNode,
    [
      ...[serverMain, '--accept-server-license-terms'],
      ...['--server-data-dir', path.join(extensionsDir, '.install')],
      ...['--extensions-dir', extensionsDir, '--install-extension', vsix],
    ],
    { encoding: 'utf8', env: cleanEnvironment() },
  );
  if (answer.status !== 0) throw new Error(`Cannot install "${vsix}": ${answer.stderr}`);
}

/** The workbench's address. Everything but the folder travels in its `payload`. */
export function workbenchUrl(server, { folder, openFile, extension, tests }) {
  const remote = (file) => `vscode-remote://127.0.0.1:${server.port}${path.resolve(file)}`;
  const payload = [['skipWelcome', 'true']];
  if (extension) payload.push(['extensionDevelopmentPath', remote(extension)]);
  if (tests) payload.push(['extensionTestsPath', remote(tests)]);
  if (openFile) payload.push(['openFile', remote(openFile)]);
  const query = new URLSearchParams({ payload: JSON.stringify(payload) });
  if (folder) query.set('folder', path.resolve(folder));
  else query.set('ew', 'true'); // an empty window
  return `http://127.0.0.1:${server.port}/?${query}`;
}

async function listening(child, server) {
  const deadlineMs = Date.now() + 60_000;
  while (!/Extension host agent listening/.test(server.output())) {
    if (child.exitCode !== null || Date.now() > deadlineMs) {
      throw new Error(`Cannot start the VS Code server:\n${server.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A terminal inside VS Code passes variables on that would make the server its child. */
function cleanEnvironment() {
  const entries = Object.entries(process.env).filter(([name]) => !/^(VSCODE|ELECTRON)_/.test(name));
  return { ...Object.fromEntries(entries), EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // the group is gone already
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
