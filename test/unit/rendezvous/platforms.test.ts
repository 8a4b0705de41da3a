/**
 * Where processes meet on systems that this machine is not: names and paths, what is asked of the system,
 * and that the answer does not hang on who asks. What a named pipe does when somebody connects is not here.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { addressIn, openFolder, runtimeFolder } from '../../../src/rendezvous/folder';
import { isRunning, ownProcess, say, type System } from '../../../src/rendezvous/processes';

describe('the meeting place on Windows', () => {
  const local = 'C:\\Users\\Ann Lee\\AppData\\Local';

  it('is below the user’s own data, in the paths of that system', () => {
    const folder = (env: Record<string, string>) => runtimeFolder(env, 'win32');
    assert.equal(folder({ LOCALAPPDATA: local }), `${local}\\lacuna\\run`);
    assert.match(folder({}), /\\lacuna\\run$/);
    assert.match(folder({ LOCALAPPDATA: '' }), /.\\lacuna\\run$/);
    assert.equal(folder({ LACUNA_RUNTIME_DIR: 'D:\\x\\..\\run' }), 'D:\\run');
    // What other systems have there is none of its business.
    assert.equal(
      folder({ LOCALAPPDATA: local, XDG_RUNTIME_DIR: '/run/user/1' }),
      `${local}\\lacuna\\run`,
    );
  });

  it('has pipes instead of files, of any length of path, and one for each name', () => {
    const deep = `${local}\\${'x'.repeat(200)}`;
    assert.equal(addressIn(deep, '17-ab12cd34', 'win32'), '\\\\.\\pipe\\lacuna-17-ab12cd34');
    const names = ['17-00000000', '18-00000000', '17-00000001'];
    assert.equal(new Set(names.map((name) => addressIn(local, name, 'win32'))).size, 3);
    // 256 characters are the most that a pipe's name may have.
    assert.ok(addressIn(deep, `${2 ** 32}-ab12cd34`, 'win32').length < 256);
  });

  it('is a file elsewhere, and refused where its path is too long for the system', () => {
    for (const platform of ['linux', 'darwin', 'freebsd'] as const) {
      assert.equal(addressIn('/run/x', '17-ab', platform), '/run/x/17-ab.sock');
      assert.throws(() => addressIn(`/${'ü'.repeat(60)}`, 'y', platform), /LACUNA_RUNTIME_DIR/);
    }
  });

  it('asks for no owner and no mode there, and does elsewhere', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-place-'));
    try {
      await openFolder(path.join(folder, 'a', 'b'), 'win32');
      assert.ok(statSync(path.join(folder, 'a', 'b')).isDirectory());
      symlinkSync(folder, path.join(folder, 'link'));
      await openFolder(path.join(folder, 'link'), 'win32');
      await assert.rejects(openFolder(path.join(folder, 'link'), 'linux'), /is not a folder/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the start of a process', () => {
  const asked: string[] = [];
  const system = (platform: NodeJS.Platform, answer: string): System => ({
    platform,
    say: async (program, args) => {
      asked.push([program, ...args].join(' '));
      return answer;
    },
  });
  beforeEach(() => asked.splice(0));

  it('is asked of PowerShell on Windows, as a number that no zone changes', async () => {
    const own = await ownProcess(system('win32', '134001234567890123'));
    assert.deepEqual(own, { pid: process.pid, start: '134001234567890123' });
    assert.match(asked[0]!, /^powershell\.exe -NoProfile -NonInteractive -Command /);
    assert.ok(asked[0]!.includes(`Get-Process -Id ${process.pid})`), asked[0]);
    assert.match(asked[0]!, /ToFileTimeUtc\(\)$/);
    assert.equal(await isRunning(own, system('win32', own.start)), true);
    assert.equal(await isRunning(own, system('win32', '134001234567890999')), false);
  });

  it('is asked of ps on macOS and of /proc on Linux', async () => {
    const text = 'Mon Jan  5 10:00:00 2026';
    const own = await ownProcess(system('darwin', text));
    assert.equal(own.start, text);
    assert.deepEqual(asked, [`ps -o lstart= -p ${process.pid}`]);
    if (process.platform === 'linux') assert.match((await ownProcess()).start, /^\d+$/);
  });

  it('that the system does not tell makes nobody a stranger', async () => {
    const own = await ownProcess(system('win32', 'unknown'));
    assert.equal(await isRunning(own, system('win32', '17')), true);
    assert.equal(await isRunning({ ...own, start: '17' }, system('win32', 'unknown')), true);
    assert.equal(await isRunning({ pid: 2 ** 22 + 1, start: '17' }, system('win32', '17')), false);
  });

  it('is the same text in whatever zone and language it is asked', async function () {
    const ps = spawnSync('ps', ['-o', 'lstart=', '-p', String(process.pid)]);
    if (ps.status !== 0) return this.skip(); // a small system, with another ps or none
    const { TZ, LC_ALL } = process.env;
    const starts = new Set<string>();
    try {
      for (const [zone, language] of [
        ['America/New_York', 'en_US.UTF-8'],
        ['Asia/Tokyo', 'de_DE.UTF-8'],
      ]) {
        Object.assign(process.env, { TZ: zone, LC_ALL: language });
        starts.add((await ownProcess({ platform: 'darwin', say })).start);
      }
    } finally {
      if (TZ === undefined) delete process.env['TZ'];
      else process.env['TZ'] = TZ;
      if (LC_ALL === undefined) delete process.env['LC_ALL'];
      else process.env['LC_ALL'] = LC_ALL;
    }
    assert.equal(starts.size, 1, [...starts].join(' / '));
    assert.doesNotMatch([...starts][0]!, /unknown/);
  });
});
