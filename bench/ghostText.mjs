/**
 * Latency of ghost text in a real extension host: 50 keys typed at places of the example files, each
 * followed by an automatic request, timed part by part. Prints a table and, as the last line, one
 * JSON object. Runs in the test bed, or in the VS Code that VSCODE_EXECUTABLE names.
 *
 * npm run bench:ghost-text [-- --requests 50]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild } from '../scripts/build.mjs';
import { root } from '../scripts/freshness.mjs';
import { pauseTraining } from '../scripts/pauseTraining.mjs';
import { ensureBed } from '../test/bed/setup.mjs';

const { values } = parseArgs({ options: { requests: { type: 'string', default: '50' } } });

pauseTraining();
ensureBuild();
ensureBed();
const { build } = await import('esbuild');
const entry = path.join(root, 'out-test/bench/ghostTextHost.js');
await build({
  entryPoints: [path.join(root, 'bench/ghostTextHost.ts')],
  outfile: entry,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  external: ['vscode'],
});

const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-bench-'));
const report = path.join(scratch, 'records.json');
const vscode = process.env['VSCODE_EXECUTABLE'] ?? path.join(root, 'test/bed/hostTests.mjs');
const { status } = spawnSync(
  vscode,
  [scratch, `--extensionDevelopmentPath=${root}`, `--extensionTestsPath=${entry}`],
  {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TEST_REPORT: report, BENCH_REQUESTS: values.requests },
  },
);
if (status !== 0) process.exit(status ?? 1);
const { model, records } = JSON.parse(readFileSync(report, 'utf8'))[0];
rmSync(scratch, { recursive: true });

const parts = Object.fromEntries(
  Object.keys(records[0].parts).map((part) => [part, summary(records.map((r) => r.parts[part]))]),
);
const forwards = summary(records.map((record) => record.forwards));
const shown = records.filter(({ outcome }) => outcome === 'shown').length;
console.log(
  `${model.name}, ${model.weights}, ${model.device}; ${records.length} automatic requests`,
);
console.log(`${'part'.padEnd(14)}${'median'.padStart(10)}${'p95'.padStart(10)}`);
for (const [part, { median, p95 }] of Object.entries(parts)) {
  const name = part.replace(/Ms$/, ' ms').padEnd(14);
  console.log(`${name}${median.toFixed(1).padStart(10)}${p95.toFixed(1).padStart(10)}`);
}
console.log(
  `${'forwards'.padEnd(14)}${String(forwards.median).padStart(10)}${String(forwards.p95).padStart(10)}`,
);
console.log(`shown ${shown} of ${records.length}`);
const cpus = os.cpus();
const machine = `${cpus.length} x ${cpus[0]?.model.trim()}`;
console.log(
  JSON.stringify({
    bench: 'ghostText',
    machine,
    model: model.name,
    weights: model.weights,
    device: model.device,
    requests: records.length,
    shown,
    forwards,
    parts,
  }),
);

/** Nearest-rank percentiles. */
function summary(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return { median: round(at(0.5)), p95: round(at(0.95)) };
}

function round(value) {
  return Math.round(value * 100) / 100;
}
