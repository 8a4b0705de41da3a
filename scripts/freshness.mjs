/**
 * Brings a clone up to date: installs the dependencies where the lock file is newer than they are.
 * Node built-ins only, since it runs before there is anything else. Knows no build and no test.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export const root = path.dirname(import.meta.dirname);

export function ensureDependencies() {
  const installed = path.join(root, 'node_modules/.package-lock.json'); // npm writes it last
  if (newestMs(installed) >= newestMs(path.join(root, 'package-lock.json'))) return;
  console.log('# installing the dependencies');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Runs a program in the repository, its output on ours; throws when it fails. */
export function run(program, args, env = {}) {
  const { status, signal, error } = spawnSync(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32', // npm is a .cmd there
  });
  if (status === 0) return;
  const how = error?.message ?? (signal ? `signal ${signal}` : `exit code ${status}`);
  throw new Error(`"${program} ${args.join(' ')}" failed: ${how}`);
}

/** Newest change of the files named or below the folders named; 0 where there are none. */
export function newestMs(...places) {
  let newest = 0;
  for (const place of places) {
    if (!existsSync(place)) continue;
    const stats = statSync(place);
    if (!stats.isDirectory()) newest = Math.max(newest, stats.mtimeMs);
    else newest = Math.max(newest, newestMs(...readdirSync(place).map((n) => path.join(place, n))));
  }
  return newest;
}
