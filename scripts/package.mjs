/**
 * Packs the extension for one platform: onnxruntime-node brings the libraries of all, 288 MB, and a
 * user needs one. .vscodeignore allows everything else; the platform's lines are added here. Refuses a
 * platform that onnxruntime-node has no libraries for, and what came out wrong.
 *
 * npm run package [-- --target linux-x64 | --all]
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuild } from './build.mjs';
import { ensureDependencies, root, run } from './freshness.mjs';
import { writeSbom } from './sbom.mjs';
import { checkVsix } from './vsix.mjs';

const libraries = 'node_modules/onnxruntime-node/bin/napi-v6';
/** What VS Code calls the platforms that it runs on, as far as Lacuna is meant for them. */
const wanted = [
  'win32-x64',
  'win32-arm64',
  'linux-x64',
  'linux-arm64',
  'darwin-x64',
  'darwin-arm64',
];

/** Those that onnxruntime-node has libraries for. */
export function packableTargets() {
  return wanted.filter((target) => existsSync(path.join(root, libraries, ...target.split('-'))));
}

/** The platform's libraries, as paths from the root. */
export function librariesOf(target) {
  const folder = path.posix.join(libraries, ...target.split('-'));
  const files = readdirSync(path.join(root, folder));
  // macOS gets its library twice, under the name that is loaded and under one with the whole version.
  return files
    .filter((file) => !/\.\d+\.\d+\.\d+\.dylib$/.test(file))
    .map((file) => path.posix.join(folder, file));
}

/** @returns the path of the .vsix, in `folder` */
export function packageExtension(target, folder = root) {
  ensureDependencies();
  if (!packableTargets().includes(target)) throw new Error(notPackable(target));
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-package-'));
  const ignoreFile = path.join(scratch, 'ignore');
  const allowed = readFileSync(path.join(root, '.vscodeignore'), 'utf8');
  const own = librariesOf(target);
  ensureBuild({ production: true });
  writeSbom(own);
  writeFileSync(ignoreFile, [allowed, ...own.map((file) => `!${file}`), ''].join('\n'));
  const vsix = path.join(folder, `lacuna-${target}.vsix`);
  try {
    run('npx', [
      ...['--no-install', 'vsce', 'package', '--target', target, '--out', vsix],
      ...['--ignoreFile', ignoreFile, '--skip-license'],
      // There is no repository address yet that the README's relative links could point to.
      ...['--allow-missing-repository', '--no-rewrite-relative-links'],
    ]);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  const { megabytes } = checkVsix(vsix, own);
  console.log(`# ${path.basename(vsix)}: ${megabytes.toFixed(1)} MB`);
  return vsix;
}

function notPackable(target) {
  const known = packableTargets().join(', ');
  if (!wanted.includes(target)) return `Cannot package for "${target}": use one of ${known}`;
  const { version } = JSON.parse(
    readFileSync(path.join(root, 'node_modules/onnxruntime-node/package.json'), 'utf8'),
  );
  return `Cannot package for ${target}: onnxruntime-node ${version} has no libraries for it. Use one of ${known}`;
}

if (process.argv[1] === import.meta.filename) {
  const here = `${process.platform}-${process.arch}`;
  const { values } = parseArgs({
    options: { target: { type: 'string', default: here }, all: { type: 'boolean' } },
  });
  for (const target of values.all ? packableTargets() : [values.target]) packageExtension(target);
  const missing = wanted.filter((target) => !packableTargets().includes(target));
  if (values.all && missing.length > 0) console.log(`# ${missing.map(notPackable).join('\n# ')}`);
}
