/**
 * A Python environment of its own with packages from PyPI, for real servers that suites start. Made once;
 * a file that is written last says that it is whole. Knows nothing of what the packages are.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const readyFile = (home) => path.join(home, 'ready');

export function isPythonHome(home) {
  return existsSync(readyFile(home));
}

/** @param finish called before it counts as whole; false: it cannot be used. @returns whether it is there. */
export function makePythonHome(home, packages, finish = () => true) {
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
  if (spawnSync('python3', ['-m', 'venv', home], quiet).status !== 0) return false;
  const pip = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...packages];
  if (spawnSync(path.join(home, 'bin/python'), pip, quiet).status !== 0) return false;
  if (!finish()) return false;
  writeFileSync(readyFile(home), packages.join('\n'));
  return true;
}
