/**
 * Bundles the entry points: extension, sampler process, its encoding thread, CLI, pages of web views (dist/), and with
 * --tests the suites (out-test/). The bundles are walls: only the extension's may see `vscode`, only the sampler's and
 * the CLI's may see onnxruntime-node; an import on the wrong floor does not resolve.
 *
 * node esbuild.mjs [--tests] [--watch] [--production]
 */
import * as esbuild from 'esbuild';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

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
  legalComments: 'none',
  logLevel: watch ? 'silent' : 'warning',
  plugins: [problemLines],
  metafile: true,
};

const native = ['onnxruntime-node']; // ships .node files; stays in node_modules

/** What only a process that asks a hub needs, four fifths of all: loaded when the first one does. */
const hubChunk = {
  stdin: {
    contents: `
      export { EnvHttpProxyAgent, fetch } from 'undici';
      export { listFiles, modelInfo } from '@huggingface/hub';
    `,
    resolveDir: import.meta.dirname,
  },
  outfile: 'dist/hub.js',
};
const withoutHub = {
  name: 'without-hub',
  setup(build) {
    build.onResolve({ filter: /^(undici|@huggingface\/hub)$/ }, () => ({
      path: './hub.js',
      external: true,
    }));
  },
};
const samplerPlugins = [problemLines, withoutHub];

/** Pages of web views, one bundle each: a browser's script and its style sheet, no Node, no vscode. */
const webviews = ['liveView', 'panel'].map((name) => ({
  entryPoints: [`src/webview/${name}/${name}.ts`],
  outfile: `dist/webview/${name}.js`,
  platform: 'browser',
  format: 'iife',
  target: 'es2022',
}));

const builds = [
  ...webviews,
  {
    entryPoints: ['src/extension/extension.ts'],
    outfile: 'dist/extension.js',
    external: ['vscode'],
  },
  hubChunk,
  {
    entryPoints: ['src/server/main.ts'],
    outfile: 'dist/server.js',
    external: native,
    plugins: samplerPlugins,
  },
  // No native libraries at all: a thread that is ended inside of one would end the process.
  { entryPoints: ['src/model/encodeWorker.ts'], outfile: 'dist/encodeWorker.js' },
  { entryPoints: ['src/server/tryDevice.ts'], outfile: 'dist/tryDevice.js', external: native },
  {
    entryPoints: ['src/server/cli.ts'],
    outfile: 'dist/cli.js',
    external: native,
    banner: { js: '#!/usr/bin/env node' },
    plugins: samplerPlugins,
  },
].map((build) => ({ ...shared, ...build }));

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
      external: [...native, 'mocha', 'esbuild', 'prettier'],
    },
    {
      ...suites,
      entryPoints: ['test/extension/index.ts', ...filesBelow('test/extension', '.test.ts')],
      external: ['vscode', 'mocha'],
    },
  );
}

/** Which packages' code is in dist/; scripts/notices.mjs lists their licences. */
function writePackageList(metafiles) {
  const inDist = metafiles.flatMap(({ outputs }) =>
    Object.entries(outputs).filter(([name]) => name.startsWith('dist/')),
  );
  const inputs = inDist.flatMap(([, output]) => Object.keys(output.inputs));
  // A package may be there twice, the second time inside of another; each is a folder.
  const packages = inputs.flatMap(
    (input) => /.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? [],
  );
  mkdirSync('dist', { recursive: true });
  writeFileSync('dist/packages.json', JSON.stringify([...new Set(packages)].sort(), null, 1));
}

if (watch) {
  const contexts = await Promise.all(builds.map((build) => esbuild.context(build)));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  const results = await Promise.all(builds.map((build) => esbuild.build(build)));
  writePackageList(results.map(({ metafile }) => metafile));
}
