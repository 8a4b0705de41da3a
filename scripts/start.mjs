/**
 * Opens the examples in VS Code with the extension loaded from this folder: in the user's own VS
 * Code where there is a `code` command, else in the test bed's, which runs in a browser.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ensureBuild } from './build.mjs';
import { root, run } from './freshness.mjs';

const examples = path.join(root, 'examples');
ensureBuild();
if (hasOwnVSCode()) run('code', [`--extensionDevelopmentPath=${root}`, examples]);
else await startBed();

function hasOwnVSCode() {
  const options = { stdio: 'ignore', shell: process.platform === 'win32' };
  return spawnSync('code', ['--version'], options).status === 0;
}

async function startBed() {
  const { ensureBed, isBedSupported } = await import('../test/bed/setup.mjs');
  if (!isBedSupported()) {
    throw new Error('Cannot start VS Code: there is no "code" command. Install VS Code');
  }
  ensureBed();
  const { startWorkbench, workbenchUrl } = await import('../test/bed/workbench.mjs');
  const server = await startWorkbench();
  console.log(
    `VS Code with Lacuna (Ctrl+C ends it):\n${workbenchUrl(server, { folder: examples, extension: root })}`,
  );
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => void server.stop().then(() => process.exit(0)));
  }
}
