/**
 * On what a run was made: without these a figure means nothing.
 */
import { spawnSync } from 'node:child_process';
import os from 'node:os';

export function describeMachine() {
  const git = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' });
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: git.stdout?.trim() || 'none',
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.arch()}, node ${process.versions.node}`,
    /** Processes that wanted to run when the bench began; above the cores, others were at work. */
    load: Math.round(10 * os.loadavg()[0]!) / 10,
  };
}
