/**
 * A disk of some kilobytes, really full when it is: a file system in memory that only the commands given see,
 * in a name space of their own, gone with them. For Linux where a user may make one. Knows no command.
 */
import { spawn, spawnSync } from 'node:child_process';

export interface SmallRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const mounted = (kilobytes: number, script: string) =>
  `mount -t tmpfs -o size=${kilobytes}k tmpfs "$DISK" || exit 99\n${script}`;

/** Whether this system lets us make one. */
export function hasSmallDisks(): boolean {
  if (process.platform !== 'linux') return false;
  const flags = ['-rm', 'sh', '-c', mounted(64, 'exit 0')];
  return spawnSync('unshare', flags, { env: { ...process.env, DISK: '/mnt' } }).status === 0;
}

/** @param place the folder that is the disk while `script`, of a shell, runs; its name is in `$DISK`. */
export function onSmallDisk(
  place: string,
  kilobytes: number,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<SmallRun> {
  return new Promise((resolve, reject) => {
    const child = spawn('unshare', ['-rm', 'sh', '-c', mounted(kilobytes, script)], {
      env: { ...process.env, ...env, DISK: place, NODE: process.execPath },
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}
