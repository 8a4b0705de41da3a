/**
 * Starts the suite inside an extension host, by @vscode/test-electron: in the executable that
 * VSCODE_EXECUTABLE names, else in the test bed, else in a VS Code that test-electron downloads.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { isBedReady } from '../bed/setup.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const bed = isBedReady() ? path.join(root, 'test/bed/hostTests.mjs') : undefined;
const executable = process.env['VSCODE_EXECUTABLE'] ?? bed;

// A fresh folder each time: hot exit would bring the last run's untitled files back.
const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-folder-'));
// The suite kills the sampler; that must be nobody else's.
const meeting = mkdtempSync(path.join(os.tmpdir(), 'lacuna-run-'));
process.env['LACUNA_RUNTIME_DIR'] = meeting;
try {
  await runTests({
    ...(executable ? { vscodeExecutablePath: executable } : { version: '1.139.1' }),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'out-test/extension/index.js'),
    launchArgs: [folder],
  });
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(meeting, { recursive: true, force: true });
}
