/**
 * What Lacuna costs the editor itself, in the workbench of the test bed: activation, each key in a file of
 * 10,000 lines, rest, memory. hostInside.ts measures in there; this starts it and makes the figures.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import type { HostRecord } from '../hostInside';
import { figure, type Section } from '../support/report';
import { Unavailable, type Setting } from '../support/setting';
import { quantile, shown, summarize } from '../support/statistics';

export async function host(setting: Setting): Promise<Section> {
  const record = runInside(setting);
  const of = (isOn: boolean, what: 'cpuMs' | 'busyMs') =>
    record.keys.filter((key) => key.isOn === isOn).map((key) => key[what]);
  for (const isOn of [false, true]) {
    const sorted = of(isOn, 'cpuMs').sort((a, b) => a - b);
    setting.say(`  a key, ${isOn ? 'on' : 'off'}: ${sorted.map(shown).join(' ')} ms`);
  }
  const without = summarize(of(false, 'cpuMs')).median;
  const own = of(true, 'cpuMs').map((ms) => ms - without);
  const late = (isOn: boolean, what: 'cpuMs' | 'busyMs') => quantile(of(isOn, what), 0.95);
  const p95 = (what: 'cpuMs' | 'busyMs') => ({
    reference: summarize([late(false, what)]),
    ours: summarize([late(true, what)]),
  });
  const ours = record.own.map(({ ms }) => ms).sort((a, b) => a - b);
  const longest = record.own.map(({ longestMs }) => longestMs);
  const slowest = record.own.toSorted((a, b) => b.ms - a.ms)[0]!;
  setting.say(`  our code at a key: ${ours.map(shown).join(' ')} ms`);
  setting.say(`  the slowest: ${slowest.where.slice(0, 6).join(', ')}`);
  const { activationMs, activationCpuMs } = record;
  return {
    title: 'What it costs the editor',
    rows: [
      ...(activationMs === undefined || activationCpuMs === undefined
        ? []
        : [
            figure('activation, processor time of the host', [activationCpuMs], 'ms'),
            figure('activation, by the clock', [activationMs], 'ms'),
          ]),
      figure('until the model is loaded, by the clock', [record.readyMs], 'ms'),
      figure("a key, Lacuna's code and what it calls, by a profile", ours, 'ms'),
      figure('the same, p95', [quantile(ours, 0.95)], 'ms', 5),
      figure('the longest time in one piece, p95', [quantile(longest, 0.95)], 'ms'),
      figure('a key, extension host, over the median of inline mode off', own, 'ms'),
      { label: 'a key, extension host, p95: off and on', ...p95('cpuMs') },
      { label: 'busy by the clock, p95: off and on', ...p95('busyMs') },
      figure('extension host at rest', [record.hostRest], '% of a core'),
      figure('sampler process at rest', [record.samplerRest], '% of a core'),
      figure('heap that activation adds', [record.heapMiB], 'MiB'),
      figure('sampler process, resident', [record.samplerMiB], 'MiB'),
    ],
    notes: [
      `${record.keys.length / 2} keys in a file of 10,000 lines (${record.answered} requests answered, the warm-up counted), less ` +
        `the median of as many with Lacuna's inline mode off: ${shown(without)} ms of VS Code's own in the same time.`,
      "The profile looks every 0.1 ms whether our bundle is on the stack of the host's thread; 1 ms without a look counts as 1, since the thread had no processor.",
      "One key in ten costs the host 30 to 130 ms with Lacuna off as well (garbage collection, VS Code's own extensions), so " +
        'that the 95th percentiles say little here; by the clock it is also busy while others have the core.',
      'The host at rest is the whole host with all that VS Code runs in it.',
      ...(activationMs === undefined
        ? ['VS Code had activated Lacuna before the bench could time it.']
        : []),
    ],
  };
}

function runInside({ rounds }: Setting): HostRecord {
  const bed = path.resolve('test/bed/hostTests.mjs');
  if (!process.env['VSCODE_EXECUTABLE'] && !existsSync('test/bed/.ready')) {
    throw new Unavailable(
      'the workbench of the test bed is not installed: run "npm run bench:ghost-text" once',
    );
  }
  const entry = path.resolve('out-test/bench/hostInside.js');
  buildSync({
    ...{ entryPoints: ['bench/hostInside.ts'], outfile: entry, bundle: true },
    ...{ platform: 'node', format: 'cjs', external: ['vscode'] },
  });
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-bench-'));
  const report = path.join(scratch, 'record.json');
  try {
    const { status } = spawnSync(
      process.env['VSCODE_EXECUTABLE'] ?? bed,
      [scratch, `--extensionDevelopmentPath=${process.cwd()}`, `--extensionTestsPath=${entry}`],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, TEST_REPORT: report, BENCH_ROUNDS: String(rounds) },
      },
    );
    if (status !== 0) throw new Error(`The workbench ended with ${status}`);
    const [row] = JSON.parse(readFileSync(report, 'utf8')) as [{ record: HostRecord }];
    return row.record;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
