/** `lacuna eval infilling` and its sandbox, with programs that behave and programs that do not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { Sandbox } from '../../src/server/evaluation/sandbox';
import { runCli, useTinyModel } from './tinyModel';

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('eval infilling', function () {
  const inFolder = useTinyModel();
  before(function () {
    if (!hasPython) this.skip();
  });

  const task = (id: string, gold: string) => ({
    task_id: id,
    entry_point: 'f',
    prompt: 'def f(x):\n',
    suffix: '',
    canonical_solution: gold,
    test: 'def check(candidate):\n    assert candidate(2) == 4\n',
  });
  const tasks = [task('double', '    return 2 * x\n'), task('square', '    return x ** 2\n')];
  const data = () => {
    const lines = tasks.map((each) => `${JSON.stringify(each)}\n`).join('');
    writeFileSync(inFolder('tasks.jsonl.gz'), gzipSync(lines));
    return inFolder('tasks.jsonl.gz');
  };

  it('scores a constant, with the indentation of the gold line', async () => {
    const out = inFolder('results.jsonl');
    const flags = ['--constant', 'return 2 * x', '--out', out];
    const run = await runCli(['eval', 'infilling', '--data', data(), ...flags]);
    assert.equal(run.code, 0, run.err);
    const figures = {
      tasks: 2,
      passed: 2,
      passAt1: 1,
      exactMatch: 0.5,
      meanForwards: 0,
      meanMs: 0,
    };
    assert.deepEqual(JSON.parse(run.out), figures);
    const rows = readFileSync(out, 'utf8').trim().split('\n');
    assert.equal((JSON.parse(rows[1]!) as { fill: string }).fill, '    return 2 * x\n');
  });

  for (const protocol of ['oracle', 'auto']) {
    it(`scores a model by the ${protocol} protocol`, async () => {
      const model = ['--model', inFolder('model'), '--device', 'cpu', '--length', protocol];
      const run = await runCli(['eval', 'infilling', '--data', data(), '--limit', '1', ...model], {
        XDG_CACHE_HOME: inFolder('cache'),
      });
      assert.equal(run.code, 0, run.err);
      const { tasks: count, meanForwards } = JSON.parse(run.out) as Record<string, number>;
      assert.equal(count, 1);
      assert.ok(meanForwards! >= 1);
    });
  }

  it('says that Python is missing', async () => {
    const args = ['eval', 'infilling', '--data', data(), '--constant', 'pass'];
    const run = await runCli(args, { LACUNA_PYTHON: '/nowhere/python3' });
    assert.equal(run.code, 1);
    assert.match(run.err, /Cannot start "\/nowhere\/python3".*Install Python 3/);
  });
});

describe('Sandbox', function () {
  let sandbox: Sandbox;
  before(async function () {
    if (!hasPython) this.skip();
    sandbox = await Sandbox.start();
  });
  after(() => sandbox?.dispose());

  const evil = '/tmp/lacuna-sandbox-must-not-write';
  const programs: [string, string, RegExp][] = [
    ['passes what runs to its end', 'import math\nassert math.sqrt(4) == 2', /^passed/],
    ['fails an assertion', 'assert False, "no"', /^failed: AssertionError: no/],
    ['fails what does not parse', 'return', /^failed: SyntaxError/],
    ['does not count an exit', 'import os; os._exit(0)', /^failed/],
    ['does not count a polite exit', 'raise SystemExit(0)', /^failed/],
    ['stops a hang', 'while True: pass', /^timeout/],
    ['limits memory', 'x = bytearray(4 << 30)', /^failed: MemoryError/],
    ['forbids writing files', `open(${JSON.stringify(evil)}, "w")`, /^failed: PermissionError/],
    ['forbids sockets', 'import socket; socket.socket()', /^failed: PermissionError/],
    ['forbids processes', 'import os; os.fork()', /^failed: PermissionError/],
    ['survives a broken program', 'x = "\0"', /^failed/],
    ['swallows what programs print', 'print("{}")', /^passed/],
  ];
  for (const [name, code, expected] of programs) {
    it(name, async () => {
      const { outcome, detail } = await sandbox.run(code);
      assert.match(`${outcome}: ${detail}`, expected);
      assert.equal(existsSync(evil), false);
    });
  }
});
