/**
 * Bundles a bench of this folder and runs it: `node bench/run.mjs latency [OPTIONS]`. The bundle
 * goes beside the installed packages, where nothing of it can be committed or shipped.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { ensureBuild } from '../scripts/build.mjs';
import { pauseTraining } from '../scripts/pauseTraining.mjs';

const folder = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(folder);
const [name = '', ...options] = process.argv.slice(2);
const entry = path.join(folder, `${name}.ts`);
if (!/^\w+$/.test(name) || !existsSync(entry)) {
  console.error(`error: Cannot run bench "${name}": there is no ${path.relative(root, entry)}`);
  process.exit(2);
}

pauseTraining();
ensureBuild();
const bundles = path.join(root, 'node_modules/.cache/lacuna');
const outfile = path.join(bundles, `${name}.cjs`);
// Packages stay where they are: onnxruntime-node and esbuild cannot be bundled.
const target = { platform: 'node', format: 'cjs', target: 'node20', packages: 'external' };
esbuild.buildSync({ ...target, entryPoints: [entry], outfile, bundle: true, logLevel: 'warning' });
// The product looks for its other bundles beside the one that it runs in.
for (const other of ['encodeWorker.js', 'tryDevice.js']) {
  copyFileSync(path.join(root, 'dist', other), path.join(bundles, other));
}
const { status } = spawnSync(process.execPath, [outfile, ...options], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
