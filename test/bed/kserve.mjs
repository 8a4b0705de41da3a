/**
 * Installs KServe's own Python server for its suite, with ONNX Runtime for the model behind it, in an
 * environment of its own beside the bed. About 500 MB, once, with LACUNA_TEST_KSERVE=1 only, where there
 * is Python 3.10 to 3.13. Knows nothing of what it is to serve: test/support/kserveModel.py does.
 */
import path from 'node:path';
import { isPythonHome, makePythonHome } from './pythonHome.mjs';
import { bedDir } from './setup.mjs';

const packages = ['kserve==0.21.0', 'onnxruntime'];
const home = path.join(bedDir, 'node_modules/.kserve');

/** The environment's folder; undefined where none is there and none can be had. */
export function findKserve() {
  const named = process.env['KSERVE_HOME'];
  if (named) return named;
  const isWished = process.env['LACUNA_TEST_KSERVE'] === '1';
  return isPythonHome(home) || (isWished && install()) ? home : undefined;
}

/** How to start it over a model of a repository: what is to be spawned. */
export function kserveCommand(folder, model, port) {
  const program = path.join(folder, 'bin/python');
  return { program, args: ['test/support/kserveModel.py', model, `${port}`], env: {} };
}

function install() {
  console.log(`# installing ${packages[0]} (its Python server, about 500 MB, once)`);
  return makePythonHome(home, packages);
}

if (process.argv[1] === import.meta.filename) {
  process.env['LACUNA_TEST_KSERVE'] = '1';
  console.log(`# kserve: ${findKserve() ?? 'none'}`);
}
