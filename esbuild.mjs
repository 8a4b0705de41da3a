/**
 * Bundles the entry points: extension, sampler process, CLI, pages of webviews (dist/), and with --tests the suites
 * (out-test/). The bundles are walls: only the extension's may see `vscode`, only the sampler's and
 * the CLI's may see onnxruntime-node; an import on the wrong floor does not resolve.
 *
 * node esbuild.mjs [--tests] [--watch] [--production]
 */
import * as esbuild from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeThirdParty } from './scripts/thirdParty.mjs';

const flags = new Set(process.argv.slice(2));
const watch = flags.has('--watch');
const production = flags.has('--production');

/** Lines that the `$esbuild-watch` problem matcher of .vscode/tasks.json reads. */
const problemLines = {
  name: 'problem-lines',
  setup(build) {
    if (!watch) return;
    build.onStart(() => console.log('[watch] build started'));
    build.onEnd((result) => {
      for (const { text, location } of result.errors) {
        console.error(`✘ [ERROR] ${text}`);
        if (location) console.error(`    ${location.file}:${location.line}:${location.column}:`);
      }
      console.log('[watch] build finished');
    });
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: production ? false : 'linked',
  minify: production,
  keepNames: true,
  legalComments: 'none', // they are in dist/THIRD_PARTY.txt, all of them
  metafile: true,
  logLevel: watch ? 'silent' : 'warning',
  plugins: [problemLines],
};

const native = ['onnxruntime-node']; // ships .node files; stays in node_modules

const builds = [
  {
    entryPoints: ['src/extension/extension.ts'],
    outfile: 'dist/extension.js',
    external: ['vscode'],
  },
  { entryPoints: ['src/server/main.ts'], outfile: 'dist/server.js', external: native },
  {
    entryPoints: ['src/server/cli.ts'],
    outfile: 'dist/cli.js',
    external: native,
    banner: { js: '#!/usr/bin/env node' },
  },
  {
    entryPoints: ['src/webview/panel/main.ts', 'media/panel.css'],
    outdir: 'dist/webview',
    entryNames: 'panel',
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
  },
].map((build) => ({ ...shared, ...build }));

/** Those of dist/; the suites come behind them. */
const shipped = builds.length;

/** All files below `dir` whose name ends so. */
function filesBelow(dir, ending) {
  return readdirSync(dir, { recursive: true })
    .map((name) => path.join(dir, name))
    .filter((name) => name.endsWith(ending));
}

if (flags.has('--tests')) {
  rmSync('out-test', { recursive: true, force: true });
  const suites = { ...shared, outbase: 'test', outdir: 'out-test', minify: false };
  builds.push(
    {
      ...suites,
      entryPoints: ['unit', 'server'].flatMap((floor) => filesBelow(`test/${floor}`, '.test.ts')),
      external: [...native, 'mocha', 'esbuild'],
    },
    {
      ...suites,
      entryPoints: ['test/extension/index.ts', ...filesBelow('test/extension', '.test.ts')],
      external: ['vscode', 'mocha'],
    },
  );
}

if (watch) {
  const contexts = await Promise.all(builds.map((build) => esbuild.context(build)));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  const results = await Promise.all(builds.map((build) => esbuild.build(build)));
  const metafiles = results.slice(0, shipped).map(({ metafile }) => metafile);
  writeThirdParty(metafiles, 'dist/THIRD_PARTY.txt');
}
