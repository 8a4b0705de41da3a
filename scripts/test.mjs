/**
 * The second command of the README: every suite, on a fresh clone too. Installs what it needs, builds,
 * runs the suites one after the other and adds them up; the last line is `N passed, N failed`.
 *
 * npm test [-- SUITE...]   SUITE: unit, server, webview, extension, e2e
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { buildTests, ensureBuild } from './build.mjs';
import { root } from './freshness.mjs';
import { packageExtension } from './package.mjs';
import { pauseTraining } from './pauseTraining.mjs';
import { findNginx } from '../test/bed/nginx.mjs';
import { findKserve, kserveCommand } from '../test/bed/kserve.mjs';
import { findKubectl, findSchemas } from '../test/bed/kubernetes.mjs';
import { ensureBed, isBedSupported } from '../test/bed/setup.mjs';
import { findTriton, tritonCommand } from '../test/bed/triton.mjs';

/** Runs a suite; it must leave its report in TEST_REPORT. */
const suites = {
  unit: () => mocha('out-test/unit/**/*.test.js', 10_000),
  server: () => {
    ensureBuild();
    const nginx = findNginx();
    console.log(`# nginx: ${nginx ?? 'none, its suite is left out'}`);
    if (nginx) process.env['NGINX_BIN'] = nginx;
    const triton = findTriton();
    console.log(`# triton: ${triton ?? 'none, the real one is left out'}`);
    if (triton)
      process.env['TRITON_START'] = JSON.stringify(tritonCommand(triton, '{repository}', '{port}'));
    const kserve = findKserve();
    console.log(`# kserve: ${kserve ?? 'none, the real one is left out'}`);
    if (kserve)
      process.env['KSERVE_START'] = JSON.stringify(kserveCommand(kserve, '{model}', '{port}'));
    const schemas = findSchemas();
    const kubectl = findKubectl();
    console.log(`# kubernetes: ${schemas ?? 'no schemas'}, ${kubectl ?? 'no kubectl'}`);
    if (schemas) process.env['KUBERNETES_SCHEMAS'] = schemas;
    if (kubectl) process.env['KUBECTL_BIN'] = kubectl;
    return mocha('out-test/server/**/*.test.js', 60_000);
  },
  webview: () => {
    ensureBuild(); // a page tries to reach the server
    return mocha('test/webview/*.test.mjs', 60_000);
  },
  extension: () => {
    ensureBuild();
    return { program: process.execPath, args: ['test/extension/run.mjs'] };
  },
  e2e: () => {
    process.env['VSIX'] = packageExtension('linux-x64');
    return mocha('test/e2e/*.test.mjs', 120_000);
  },
};
const needBed = new Set(['webview', 'extension', 'e2e']);

function mocha(files, timeoutMs) {
  const args = ['--reporter', 'test/specWithReport.cjs', '--timeout', String(timeoutMs)];
  return { program: process.execPath, args: ['node_modules/mocha/bin/mocha.js', ...args, files] };
}

/** Counts of one suite; a run without a report, or with an exit code of its own, failed as one. */
function runSuite(name, report) {
  rmSync(report, { force: true });
  const startMs = Date.now();
  let status;
  try {
    const { program, args } = suites[name]();
    const env = { ...process.env, TEST_REPORT: report };
    ({ status } = spawnSync(program, args, { cwd: root, stdio: 'inherit', env }));
  } catch (error) {
    console.error(error);
  }
  const rows = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : [];
  const count = (wanted) => rows.filter(({ state }) => state === wanted).length;
  const failed = count('failed');
  const died = status !== 0 && failed === 0;
  const seconds = (Date.now() - startMs) / 1000;
  return {
    name,
    passed: count('passed'),
    failed: died || rows.length === 0 ? failed + 1 : failed,
    skipped: count('skipped'),
    seconds,
  };
}

function chosenSuites() {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in suites));
  if (unknown)
    throw new Error(`Cannot run suite "${unknown}": use ${Object.keys(suites).join(', ')}`);
  if (names.length > 0) return names;
  if (isBedSupported()) return Object.keys(suites);
  console.log('# no test bed for this platform: the suites in a browser are left out');
  return Object.keys(suites).filter((name) => name !== 'e2e' && name !== 'webview');
}

async function prepare(names) {
  buildTests();
  if (!names.some((name) => needBed.has(name)) || !isBedSupported()) return;
  ensureBed();
  chmodSync(path.join(root, 'test/bed/hostTests.mjs'), 0o755); // an archive may have lost it
  const { findBrowser } = await import('../test/bed/browser.mjs');
  const { executable, origin } = findBrowser();
  console.log(`# browser: ${executable} (${origin})`);
}

const names = chosenSuites();
pauseTraining();
await prepare(names);
const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-test-'));
const results = names.map((name) => {
  console.log(`\n# suite: ${name}`);
  return runSuite(name, path.join(scratch, `${name}.json`));
});
rmSync(scratch, { recursive: true });

console.log('');
for (const { name, passed, failed, skipped, seconds } of results) {
  const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
  console.log(`${name.padEnd(10)} ${counts}, ${seconds.toFixed(1)} s`);
}
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 ? 0 : 1);
