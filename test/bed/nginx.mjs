/**
 * Finds nginx for the suite that puts workers behind it: the path in NGINX_BIN, an installed one, else
 * apt-get's where that is allowed. Knows nothing of what it is to do.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Path of the program; undefined where there is none and none can be had. */
export function findNginx() {
  const named = process.env['NGINX_BIN'];
  if (named) {
    if (works(named)) return named;
    throw new Error(`Cannot run the nginx named by NGINX_BIN: "${named} -v" failed`);
  }
  return installed() ?? fromApt();
}

function works(executable) {
  return spawnSync(executable, ['-v'], { stdio: 'ignore' }).status === 0;
}

function installed() {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin'];
  return folders
    .map((folder) => path.join(folder, 'nginx'))
    .find((file) => existsSync(file) && works(file));
}

function fromApt() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  console.log('# installing nginx with apt-get');
  // What Debian starts after an installation would take port 80.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env });
  const args = ['install', '-y', '-qq', '--no-install-recommends', 'nginx'];
  spawnSync('apt-get', args, { stdio: 'ignore', env });
  return installed();
}

if (process.argv[1] === import.meta.filename) console.log(`# nginx: ${findNginx() ?? 'none'}`);
