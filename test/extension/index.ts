/**
 * Entry of the suite inside the extension host: VS Code calls `run`, and takes a rejection for a
 * failure. Runs every *.test.js beside it.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';

export async function run(): Promise<void> {
  const root = path.resolve(__dirname, '../..');
  const mocha = new Mocha({
    color: false,
    timeout: 30_000,
    reporter: path.join(root, 'test/specWithReport.cjs'),
    ...(process.env['TEST_GREP'] && { grep: process.env['TEST_GREP'] }),
  });
  for (const file of readdirSync(__dirname)
    .filter((name) => name.endsWith('.test.js'))
    .sort()) {
    mocha.addFile(path.join(__dirname, file));
  }
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
