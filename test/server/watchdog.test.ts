/** A thread that hangs for good is ended from within its own process; one that is alive is not. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { buildSync } from 'esbuild';

describe('the watchdog', () => {
  function run(after: string): Promise<unknown[]> {
    const contents = `
      import { startWatchdog } from './src/server/process/watchdog';
      startWatchdog({ lookMs: 100, mostLooks: 5 });
      setTimeout(() => { ${after} }, 1500);
    `;
    const options = { bundle: true, platform: 'node', write: false } as const;
    const stdin = { contents, resolveDir: path.resolve('.'), loader: 'ts' } as const;
    const { text } = buildSync({ ...options, stdin }).outputFiles[0]!;
    return once(spawn(process.execPath, ['-e', text], { stdio: 'inherit' }), 'exit');
  }

  it('ends a process whose thread never comes back', async () => {
    const [, signal] = await run('for (;;);');
    assert.equal(signal, 'SIGKILL');
  });

  it('leaves one alone that lives, and does not keep it alive', async () => {
    const [code, signal] = await run('process.exitCode = 7;');
    assert.deepEqual([code, signal], [7, null]);
  });
});
