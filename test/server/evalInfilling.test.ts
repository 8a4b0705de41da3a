/** `lacuna eval infilling` and its sandbox, with programs that behave and programs that do not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { InfillingReport } from '../../src/server/evaluation/report';
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
      tested: 2,
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

  for (const protocol of ['oracle', 'auto', '3']) {
    it(`scores a model by the ${protocol} protocol`, async () => {
      const model = ['--model', inFolder('model'), '--device', 'cpu', '--length', protocol];
      const run = await runCli(['eval', 'infilling', '--data', data(), '--limit', '1', ...model], {
        XDG_CACHE_HOME: inFolder('cache'),
      });
      assert.equal(run.code, 0, run.err);
      const { tasks: count, meanForwards } = JSON.parse(run.out) as Record<string, number>;
      assert.equal(count, 1);
      assert.ok(meanForwards! >= 1);
      assert.equal('lengthDifference' in JSON.parse(run.out), protocol !== 'oracle');
    });
  }

  it('says that Python is missing', async () => {
    const args = ['eval', 'infilling', '--data', data(), '--constant', 'pass'];
    const run = await runCli(args, { LACUNA_PYTHON: '/nowhere/python3' });
    assert.equal(run.code, 1);
    assert.match(run.err, /Cannot start "\/nowhere\/python3".*Install Python 3/);
  });
});

describe('eval infilling without tests', () => {
  const inFolder = useTinyModel();
  const gaps = [
    { language: 'typescript', canonical_solution: '  return 1;', suffix: '\n}\n' },
    { language: 'typescript', canonical_solution: '  return 2;', suffix: '\n}\n' },
    { language: 'javascript', canonical_solution: '  return 1;\n', suffix: '}\n' },
  ];
  const data = (tasks: object[]) => {
    const lines = tasks.map((gap, index) =>
      JSON.stringify({ task_id: `t/${index}`, prompt: 'function f() {\n', ...gap }),
    );
    writeFileSync(inFolder('lines.jsonl'), lines.join('\n'));
    return inFolder('lines.jsonl');
  };
  const evaluate = async (tasks: object[], ...flags: string[]) => {
    const files = ['--data', data(tasks), '--out', inFolder('out.jsonl')];
    const args = ['eval', 'infilling', ...files, ...flags];
    // A Python that cannot start: a sandbox would end the run.
    const env = { LACUNA_PYTHON: '/nowhere/python3', XDG_CACHE_HOME: inFolder('cache') };
    const run = await runCli(args, env);
    assert.equal(run.code, 0, run.err);
    const rows = readFileSync(inFolder('out.jsonl'), 'utf8').trim().split('\n');
    return {
      report: JSON.parse(run.out) as Record<string, never>,
      rows: rows.map((row) => JSON.parse(row) as Record<string, unknown>),
    };
  };

  it('scores the exact text alone, and starts no Python', async () => {
    const { report, rows } = await evaluate(gaps, '--constant', 'return 1;');
    assert.deepEqual(report, {
      ...{ tasks: 3, tested: 0, passed: null, passAt1: null, exactMatch: 0.6667 },
      ...{ meanForwards: 0, meanMs: 0 },
      byLanguage: {
        typescript: { tasks: 2, exactMatch: 0.5 },
        javascript: { tasks: 1, exactMatch: 1 },
      },
    });
    assert.deepEqual([rows[0]!.passed, 'outcome' in rows[0]!], [null, false]);
  });

  it('says how a model chose lengths and how far its confidence can be believed', async () => {
    const { report, rows } = await evaluate(gaps, '--model', inFolder('model'), '--device', 'cpu');
    // `return` is one token of the tiny model, every other byte its own.
    assert.deepEqual(
      rows.map(({ tokensGold }) => tokensGold),
      [6, 6, 6],
    );
    const differences = rows.map(({ tokens, tokensGold }) => Number(tokens) - Number(tokensGold));
    const { lengthDifference, reliability } = report as unknown as InfillingReport;
    const mean = differences.reduce((total, each) => total + each, 0) / 3;
    assert.ok(Math.abs(lengthDifference!.mean - mean) < 1e-4);
    const total = (counts: number[]) => counts.reduce((sum, each) => sum + each, 0);
    assert.equal(total(Object.values(lengthDifference!.histogram)), 3);
    assert.equal(total(reliability!.bins.map(({ tasks }) => tasks)), 3);
    assert.equal(reliability!.thresholds.length, 9);
  });

  it('gives every gap a stated length, or finds it by a policy', async () => {
    const model = ['--model', inFolder('model'), '--device', 'cpu'];
    const fixed = await evaluate(gaps, ...model, '--length', '3');
    assert.deepEqual(
      fixed.rows.map(({ tokens }) => tokens),
      [3, 3, 3],
    );
    for (const policy of ['lr-dllm', 'cal']) {
      const { rows } = await evaluate(gaps, ...model, '--length-policy', policy);
      for (const { tokens } of rows) assert.ok(Number(tokens) >= 1 && Number(tokens) <= 32);
    }
  });

  it('ranks several fills by their fit', async () => {
    const model = ['--model', inFolder('model'), '--device', 'cpu', '--length', '3'];
    const { rows } = await evaluate(gaps, ...model, '--variants', '3', '--rank', 'fit');
    const one = await evaluate(gaps, ...model);
    for (const [index, { anyRight, forwards }] of rows.entries()) {
      assert.equal(typeof anyRight, 'boolean');
      assert.ok(Number(forwards) > Number(one.rows[index]!.forwards));
    }
  });

  it('has no figures of a fill where the model cannot hold the gap', async () => {
    const long = { ...gaps[0], canonical_solution: 'x'.repeat(2000) };
    const model = ['--model', inFolder('model'), '--device', 'cpu', '--length', 'oracle'];
    const { report, rows } = await evaluate([long], ...model);
    assert.deepEqual(report, {
      ...{ tasks: 1, tested: 0, passed: null, passAt1: null, exactMatch: 0 },
      ...{ meanForwards: 0, meanMs: 0 },
    });
    assert.equal(rows[0]!.passed, null);
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
