/** Wrong usage and bad input on the command line: the exit code, and one line that says what. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { runCli, useTinyModel, writeTinyModel } from './tinyModel';

describe('lacuna, when it cannot', () => {
  const inFolder = useTinyModel();
  const failed = 1;
  const wrongUsage = 2;

  async function check(args: string[], code: number, text: RegExp, env = {}): Promise<void> {
    const run = await runCli(args, { XDG_CACHE_HOME: inFolder('cache'), ...env });
    assert.equal(run.code, code, run.err);
    assert.match(run.err, text);
    assert.equal(run.err.trim().split('\n').length, 1, run.err);
    assert.equal(run.out, '');
  }

  const file = (text = 'x = <fill>\n') => {
    writeFileSync(inFolder('file.py'), text);
    return inFolder('file.py');
  };
  const fill = (...args: string[]) => [
    'fill',
    '--device',
    'cpu',
    '--model',
    inFolder('model'),
    ...args,
  ];

  const usages: [string, (() => string[]) | string[], RegExp][] = [
    ['no target', () => fill(), /FILE:LINE:COL/],
    ['two sources', () => fill(file(), '--prefix-file', file()), /not given exactly once/],
    ['an unknown option', ['fill', '--fast'], /unknown option '--fast'/],
    ['an unknown command', ['dance'], /unknown command 'dance'/],
    ['an unknown sampler', () => fill(file(), '--sampler', 'best'), /best.*even, factor/],
    ['an unknown device', ['fill', 'x', '--device', 'abacus'], /abacus.*auto, cpu/],
    ['steps that are no number', () => fill(file(), '--steps', 'many'), /steps.*'many'/],
    ['steps 0', () => fill(file(), '--steps', '0'), /steps.*'0'/],
    [
      'an unknown length protocol',
      ['eval', 'infilling', '--data', 'x', '--length', 'best'],
      /length.*'best'.*"oracle", "auto" or an integer/,
    ],
    [
      'an unknown length policy',
      () => fill(file(), '--length-policy', 'guess'),
      /policy.*'guess'.*model, lr-dllm, cal/,
    ],
    ['an unknown rank', () => fill(file(), '--rank', 'best'), /rank.*'best'.*confidence, fit/],
    ['a negative length', () => fill(file(), '--length', '-4'), /length.*'-4'/],
    ['a negative temperature', () => fill(file(), '--temperature', '-1'), /temperature is -1/],
    ['top-p 0', () => fill(file(), '--top-p', '0'), /topP is 0/],
    ['no mark', () => fill(file('x = 1\n')), /holds no <fill> mark/],
    ['a line outside', () => fill(`${file()}:7:1`), /line 7 does not exist.*has 2 lines/],
    ['a column outside', () => fill(`${file()}:1:99`), /column 99 .*has 10 characters/],
    ['a column inside a character', () => fill(`${file('a😀b')}:1:3`), /inside a character/],
    ['a strength above 100', () => fill(file(), '--strength', '101'), /strength.*'101'.*0 to 100/],
    ['an unknown order', () => fill(file(), '--order', 'best'), /order.*'best'.*random/],
    ['a pattern that is none', () => fill(file(), '--lock', '('), /lock.*'\('/],
    ['growth 0', () => fill(file(), '--growth', '0'), /growth.*'0'.*0.25 to 4/],
    ['a range that is none', () => fill(file(), '--range', 'all'), /range.*LINE:COL-LINE:COL/],
    ['a range outside', () => fill(file(), '--range', '9-10'), /line 9 does not exist/],
    ['strength without a range', () => fill(file(), '--strength', '5'), /without a --range/],
    [
      'a lock on nothing',
      () => fill(file('a\n'), '--range', '1', '--lock', 'b'),
      /matches nothing/,
    ],
    ['a range and a place', () => fill(`${file()}:1:1`, '--range', '1'), /not given exactly once/],
    ['nine variants', () => fill(file(), '--variants', '9'), /variants.*'9'.*1 to 8/],
    [
      'what two gaps must contain',
      () => fill(file('<fill>\n<fill>'), '--contains', 'x'),
      /exactly one gap/,
    ],
    ['a target and a record', () => fill(file(), '--replay', file()), /not given exactly once/],
    ['a seed and a record', () => fill('--replay', file(), '--seed', '3'), /"seed" .* --replay/],
    ['ids and variants', () => fill('--request', file(), '--variants', '2'), /"variants" .* --req/],
    ['a range outside to score', () => ['score', file(), '--range', '9'], /Cannot score: line 9/],
    [
      'ten too many',
      () => ['score', file(), '--alternatives', '20'],
      /alternatives.*'20'.*0 to 10/,
    ],
    ['ids that are none', ['forward', '--ids', '5,x', '--out', 'f'], /5,7,9/],
    ['no --out', () => ['convert', inFolder('model')], /--out/],
    ['no data', ['eval', 'infilling'], /--data/],
  ];
  for (const [name, args, text] of usages) {
    it(`refuses ${name} as wrong usage`, () =>
      check(typeof args === 'function' ? args() : args, wrongUsage, text));
  }

  const inputs: [string, () => string[], RegExp][] = [
    [
      'a file that is not there',
      () => fill(inFolder('none.py')),
      /none.py": there is no such file/,
    ],
    ['a folder as file', () => fill(inFolder('model')), /it is a folder/],
    ['a request that is no JSON', () => fill('--request', file('{')), /it is not JSON/],
    ['a request without ids', () => fill('--request', file('{}')), /"prefix" is not a list/],
    [
      'ids outside the vocabulary',
      () => fill('--request', file('{"prefix":[99999],"length":1,"suffix":[]}')),
      /99999/,
    ],
    [
      'a model folder that is not there',
      () => ['fill', file(), '--model', inFolder('none')],
      /none.*no such folder/,
    ],
    [
      'a mask id outside the vocabulary',
      () => ['convert', inFolder('model'), '--out', inFolder('out'), '--mask-id', '99999'],
      /99999/,
    ],
    ['a record that is none', () => fill('--replay', file('{}')), /it is no record of a fill/],
    [
      'a record to be written nowhere',
      () => fill(file(), '--length', '1', '--record', inFolder('none', 'r.json')),
      /Cannot write ".*r.json"/,
    ],
    ['nothing to score', () => ['score', inFolder('none.py')], /none.py": there is no such file/],
    ['a gap that is too long', () => fill(file(), '--length', '5000'), /5000|1024/],
    [
      'tasks that are none',
      () => ['eval', 'infilling', '--data', file('{}\n')],
      /line 1 has no "task_id"/,
    ],
  ];
  for (const [name, args, text] of inputs) {
    it(`fails on ${name}`, () => check(args(), failed, text));
  }

  it('fails on missing and truncated weights', async () => {
    await writeTinyModel(inFolder('torn'));
    truncateSync(inFolder('torn', 'model.safetensors'), 5000);
    const torn = ['fill', file(), '--device', 'cpu', '--model', inFolder('torn')];
    await check(torn, failed, /model\.safetensors/);

    const small = ['convert', inFolder('model'), '--out', inFolder('small')];
    assert.equal((await runCli(small)).code, 0);
    const half = readFileSync(inFolder('small', 'weights.safetensors')).length / 2;
    cpSync(inFolder('small'), inFolder('half'), { recursive: true });
    truncateSync(inFolder('half', 'weights.safetensors'), Math.floor(half));
    const halved = ['fill', file(), '--device', 'cpu', '--model', inFolder('half')];
    await check(halved, failed, /weights\.safetensors/);
  });

  it('fails on a model without tokenizer, but fills its token ids', async () => {
    cpSync(inFolder('model'), inFolder('plain'), {
      recursive: true,
      filter: (source) => !source.includes('tokenizer'),
    });
    const model = ['--device', 'cpu', '--model', inFolder('plain')];
    await check(['fill', file(), ...model], failed, /has no tokenizer/);
    const request = file('{"prefix":[1,2],"length":3,"suffix":[4]}');
    const run = await runCli(['fill', '--request', request, '--json', ...model], {
      XDG_CACHE_HOME: inFolder('cache'),
    });
    const { middle, order, forwards } = JSON.parse(run.out) as Record<string, number[]>;
    assert.equal(middle!.length, 3);
    assert.deepEqual([...order!].sort(), [0, 1, 2]);
    assert.ok(Number(forwards) >= 1);
  });

  it('shows the stack with --verbose only', async () => {
    const run = await runCli(['fill', inFolder('none.py'), '--verbose']);
    assert.equal(run.code, failed);
    assert.match(run.err, /\n +at /);
  });
});
