/**
 * Packs the extension for one platform: onnxruntime-node brings the libraries of all, 288 MB, and a
 * user needs one. .vscodeignore allows everything else; the platform's line is added here.
 *
 * npm run package [-- --target linux-x64]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDependencies, root, run } from './freshness.mjs';

export function packageExtension(target) {
  ensureDependencies();
  const [platform, arch] = target.split('-');
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-package-'));
  const ignoreFile = path.join(scratch, 'ignore');
  const allowed = readFileSync(path.join(root, '.vscodeignore'), 'utf8');
  const libraries = `!node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}/*`;
  writeFileSync(ignoreFile, `${allowed}\n${libraries}\n`);
  const vsix = path.join(root, `lacuna-${target}.vsix`);
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
  return vsix;
}

if (process.argv[1] === import.meta.filename) {
  const here = `${process.platform}-${process.arch}`;
  const { values } = parseArgs({ options: { target: { type: 'string', default: here } } });
  packageExtension(values.target);
}
