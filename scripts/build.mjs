/**
 * Builds dist/: the bundles by esbuild, and the embedded model with its weights in 8 bits. Each is
 * made only where what it is made from is newer.
 *
 * node scripts/build.mjs [--production]
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureDependencies, newestMs, root, run } from './freshness.mjs';

const sources = ['src', 'esbuild.mjs', 'package.json', 'package-lock.json'].map(fromRoot);
const checkpoint = fromRoot('models/lacuna-default');
const model = fromRoot('dist/model');
/** Says which kind of build dist/ holds; its time is that of the build. */
const stampOf = { true: fromRoot('dist/.production'), false: fromRoot('dist/.development') };

export function ensureBuild({ production = false } = {}) {
  ensureDependencies();
  if (newestMs(stampOf[production]) < newestMs(...sources)) bundle({ production });
  ensureModel();
}

/** The suites change with every run, so they are bundled each time; dist/ comes along. */
export function buildTests() {
  ensureDependencies();
  bundle({ production: false, flags: ['--tests'] });
}

function bundle({ production, flags = [] }) {
  run(process.execPath, ['esbuild.mjs', ...flags, ...(production ? ['--production'] : [])]);
  rmSync(stampOf[!production], { force: true });
  writeFileSync(stampOf[production], '');
}

function ensureModel() {
  if (!existsSync(checkpoint)) throw new Error(`Cannot embed a model: "${checkpoint}" is missing`);
  // An older folder may be of a form that this release does not read any more.
  if (newestMs(model) >= newestMs(checkpoint, fromRoot('src/model/manifest.ts'))) return;
  rmSync(model, { recursive: true, force: true });
  const cli = fromRoot('dist/cli.js');
  run(process.execPath, [cli, 'convert', checkpoint, '--out', model, '--weights', 'q8']);
}

function fromRoot(name) {
  return path.join(root, name);
}

if (process.argv[1] === import.meta.filename) {
  ensureBuild({ production: process.argv.includes('--production') });
}
