/**
 * Installs a real Triton server for its suite: the one that the PyPI package nvidia-pytriton carries, with
 * ONNX Runtime for its Python backend, in an environment of its own beside the bed. About 200 MB, once, with
 * LACUNA_TEST_TRITON=1 only, on linux-x64 with Python 3.9 to 3.13. Knows nothing of what it is to serve.
 */
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { isPythonHome, makePythonHome } from './pythonHome.mjs';
import { bedDir } from './setup.mjs';

const packages = ['nvidia-pytriton==0.7.0', 'onnxruntime'];
const home = path.join(bedDir, 'node_modules/.triton');

/** The environment's folder; undefined where none is there and none can be had. */
export function findTriton() {
  const named = process.env['TRITON_HOME'];
  if (named) return named;
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const isWished = process.env['LACUNA_TEST_TRITON'] === '1';
  return isPythonHome(home) || (isWished && install()) ? home : undefined;
}

/** How to start it over a model repository: what is to be spawned. */
export function tritonCommand(folder, repository, port) {
  const [python] = readdirSync(path.join(folder, 'lib')).filter((name) =>
    name.startsWith('python'),
  );
  const packagesDir = path.join(folder, 'lib', python, 'site-packages');
  const server = path.join(packagesDir, 'pytriton/tritonserver');
  const stub = path.join(server, 'python_backend_stubs', python.replace('python', ''));
  return {
    program: path.join(server, 'bin/tritonserver'),
    args: [
      ...['--model-repository', repository, '--backend-directory', path.join(server, 'backends')],
      ...['--http-address', '127.0.0.1', '--http-port', `${port}`, '--allow-grpc', 'false'],
      ...['--allow-metrics', 'false', '--model-control-mode', 'none'],
    ],
    // The Python that the backend starts, of this very version; it belongs into the backend's folder.
    stub: path.join(stub, 'triton_python_backend_stub'),
    backendDir: path.join(server, 'backends/python'),
    env: {
      LD_LIBRARY_PATH: ['external_libs', 'lib'].map((name) => path.join(server, name)).join(':'),
      PYTHONPATH: packagesDir,
      PATH: `${path.join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    },
  };
}

function install() {
  console.log(`# installing ${packages[0]} (a Triton server, about 200 MB, once)`);
  return makePythonHome(home, packages, () => {
    const { stub, backendDir } = tritonCommand(home, '', 0);
    if (!existsSync(stub)) return false; // another Python than it is built for
    copyFileSync(stub, path.join(backendDir, path.basename(stub)));
    return true;
  });
}

if (process.argv[1] === import.meta.filename) {
  process.env['LACUNA_TEST_TRITON'] = '1';
  console.log(`# triton: ${findTriton() ?? 'none'}`);
}
