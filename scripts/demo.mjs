/**
 * The first command of the README: fills the gap of an example file and shows every denoise step.
 * Installs and builds what a fresh clone lacks.
 *
 * npm run demo [-- FILE [OPTIONS of lacuna fill]]
 */
import path from 'node:path';
import { ensureBuild } from './build.mjs';
import { root, run } from './freshness.mjs';

const [file = 'examples/readText.ts', ...options] = process.argv.slice(2);
ensureBuild();
run(process.execPath, [path.join(root, 'dist/cli.js'), 'fill', file, '--trace', ...options]);
