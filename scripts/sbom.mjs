/**
 * Writes dist/sbom.cdx.json, the bill of materials of one platform's .vsix in CycloneDX: the packages whose
 * code is inside (as THIRD-PARTY.txt has them, by what npm knows of them), the platform's native libraries
 * and the embedded model with their checksums. The same build gives the same file.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './freshness.mjs';
import { shipped } from './notices.mjs';

export const sbomFile = path.join(root, 'dist/sbom.cdx.json');

/** Needs dist/ to be built. @param libraries paths from the root. */
export function writeSbom(libraries) {
  writeFileSync(sbomFile, `${JSON.stringify(billOfMaterials(libraries), null, 1)}\n`);
}

export function billOfMaterials(libraries) {
  const own = readJson('package.json');
  const packages = [...new Set([...readJson('dist/packages.json'), ...shipped])];
  const wanted = new Map(packages.map((place) => [refOf(place), place]));
  const { bomFormat, specVersion, components, dependencies } = askNpm();
  const inside = components.filter((component) => wanted.has(component['bom-ref']));
  const known = new Set(inside.map((component) => component['bom-ref']));
  const unknown = [...wanted.keys()].filter((ref) => !known.has(ref));
  if (unknown.length > 0) throw new Error(`npm does not know ${unknown.join(', ')}: run npm ci`);
  const ownRef = `${own.name}@${own.version}`;
  const files = [...libraries.map(libraryOf), ...modelOf()];
  return {
    ...{ bomFormat, specVersion, version: 1 },
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        ...{ 'bom-ref': ownRef, type: 'application', name: own.name, version: own.version },
        ...{ description: own.description, licenses: [{ license: { id: own.license } }] },
      },
    },
    components: [...inside, ...files].sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1)),
    dependencies: dependencies
      .filter(({ ref }) => ref === ownRef || known.has(ref))
      .map(({ ref, dependsOn = [] }) => ({
        ref,
        dependsOn: dependsOn.filter((other) => known.has(other)),
      })),
  };
}

/** All that package-lock.json names, with versions, licences and checksums. */
function askNpm() {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const { status, stdout, stderr } = spawnSync('npm', args, {
    ...{ cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 },
    shell: process.platform === 'win32', // npm is a script there
  });
  if (status !== 0) throw new Error(`Cannot list the packages: npm sbom said ${stderr.trim()}`);
  return JSON.parse(stdout);
}

function libraryOf(file) {
  const { version } = readJson('node_modules/onnxruntime-node/package.json');
  return { ...fileOf(file, 'file'), version };
}

function modelOf() {
  const weights = 'dist/model/weights.safetensors';
  if (!existsSync(path.join(root, weights))) return [];
  return [
    { ...fileOf(weights, 'machine-learning-model'), name: readJson('dist/model/lacuna.json').name },
  ];
}

function fileOf(file, type) {
  const content = createHash('sha256')
    .update(readFileSync(path.join(root, file)))
    .digest('hex');
  return {
    'bom-ref': file,
    type,
    name: path.basename(file),
    hashes: [{ alg: 'SHA-256', content }],
  };
}

function refOf(place) {
  const { name, version } = readJson(path.join(place, 'package.json'));
  return `${name}@${version}`;
}

function readJson(file) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}
