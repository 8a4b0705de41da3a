import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { FillParams, VariantRank } from '../../../src/protocol/messages';
import {
  constantFiller,
  isSingleLine,
  modelFiller,
  type LengthProtocol,
} from '../../../src/server/evaluation/filler';
import {
  isTested,
  programOf,
  readTasks,
  spread,
  type InfillingTask,
} from '../../../src/server/evaluation/tasks';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';

const line: InfillingTask = {
  task_id: 't',
  language: 'typescript',
  prompt: 'function f() {\n',
  canonical_solution: '  return 1;\n',
  suffix: '}\n',
};

describe('spread', () => {
  it('takes tasks from all over the file', () => {
    assert.deepEqual(spread([0, 1, 2, 3, 4, 5, 6, 7], 4), [0, 2, 4, 6]);
    assert.deepEqual(spread([0, 1, 2], 5), [0, 1, 2]);
    assert.deepEqual(spread([0, 1, 2], Infinity), [0, 1, 2]);
  });
});

describe('readTasks', () => {
  const inFolder = useTempFolder();
  const { language: _, ...plain } = line;
  const tested = { ...plain, entry_point: 'f', test: 'def check(candidate): pass' };
  const fileOf = (...tasks: unknown[]) => {
    const lines = tasks.map((task) => (typeof task === 'string' ? task : JSON.stringify(task)));
    writeFileSync(inFolder('tasks.jsonl'), `${lines.join('\n')}\n`);
    return inFolder('tasks.jsonl');
  };

  it('reads tasks with and without tests, in Python where nothing else is said', async () => {
    const nulls = { ...line, test: null, entry_point: null, language: null };
    const tasks = await readTasks(fileOf(tested, line, nulls));
    assert.deepEqual(tasks.map(isTested), [true, false, false]);
    const languages = tasks.map(({ language }) => language);
    assert.deepEqual(languages, ['python', 'typescript', 'python']);
  });

  it('reads gzip, whatever the name', async () => {
    writeFileSync(inFolder('tasks'), gzipSync(JSON.stringify(line)));
    assert.deepEqual(await readTasks(inFolder('tasks')), [line]);
  });

  const { prompt: _prompt, suffix: _suffix, ...bare } = plain;
  const { test: _test, ...untested } = tested;
  const malformed: [name: string, task: unknown, text: RegExp][] = [
    ['what is no JSON', '{', /line 2 is not JSON\. Give a file with one JSON object a line/],
    ['a list', [], /line 2 has no "task_id", "prompt"/],
    ['missing texts', bare, /line 2 has no "prompt", "suffix"\. Give every task the strings/],
    ['a prompt that is no text', { ...line, prompt: 5 }, /line 2 has no "prompt"/],
    ['an entry point without a test', untested, /has no "test"\. Give both .* or neither/],
    ['a test without an entry point', { ...plain, test: 'x' }, /has no "entry_point"/],
    ['an empty test', { ...tested, test: '' }, /has no "test"/],
    ['a name for a language id', { ...line, language: 'TypeScript' }, /the language "TypeScript"/],
    ['a language that is no text', { ...line, language: 3 }, /the language 3\. Give a language id/],
    ['tests that cannot be run', { ...tested, language: 'typescript' }, /only Python can be run/],
  ];
  for (const [name, task, text] of malformed) {
    it(`refuses ${name}, in one line that names the line`, async () => {
      await expectError(readTasks(fileOf(tested, task)), 'badInput', text);
      await expectError(
        readTasks(fileOf(tested, task)),
        'badInput',
        /^.*tasks\.jsonl": line 2 .*$/,
      );
    });
  }

  it('refuses a file without tasks', () =>
    expectError(readTasks(fileOf('', '')), 'badInput', /it holds no tasks\. Give a file/));
});

describe('isSingleLine', () => {
  const gaps: [prompt: string, gold: string, suffix: string, isLine: boolean][] = [
    ['def f():\n', '    return x\n', '', true],
    ['def f():\n', 'a\nb\n', '', false],
    ['def f():\n', 'return x', '', false],
    ['def f():\n', 'return x', '\ng()', true],
    ['', 'import x', '\ng()', true],
    ['x = ', 'y', '\ng()', false],
    ['def f():\n', 'a\nb', '\ng()', false],
    ['def f():\n', 'return', ' x\n', false],
  ];
  for (const [prompt, gold, suffix, isLine] of gaps) {
    it(`${isLine ? 'is' : 'is not'} ${JSON.stringify([prompt, gold, suffix])}`, () =>
      assert.equal(isSingleLine({ ...line, prompt, canonical_solution: gold, suffix }), isLine));
  }
});

describe('modelFiller', () => {
  /** Counts characters as tokens, answers `x` and keeps what it was asked. */
  const asked: FillParams[] = [];
  const engine = {
    countTokens: (text: string) => text.length,
    fill: (params: FillParams) => {
      asked.push(params);
      const token = { text: 'x', confidence: 0.5 };
      const fill = { text: 'x', tokens: [token], confidence: 0.5 };
      return Promise.resolve({ fills: [fill], steps: 1, forwards: 2, elapsedMs: 3, forwardMs: 1 });
    },
  };
  const ask = async (protocol: LengthProtocol, task: InfillingTask) => {
    const filled = await modelFiller(engine, protocol, {})(task, new AbortController().signal);
    return { filled, asked: asked.splice(0)[0]! };
  };
  const gapOf = (length: number | 'auto', more: object = {}) => ({ gap: { length, ...more } });

  it('says the language of the task', async () => {
    assert.equal((await ask('auto', line)).asked.languageId, 'typescript');
  });

  it('gives the line break that ends a line, and does not count it', async () => {
    const { filled, asked } = await ask('auto', line);
    const gap = gapOf('auto', { singleLine: true });
    assert.deepEqual(asked.parts, [{ text: line.prompt }, gap, { text: '\n}\n' }]);
    assert.deepEqual([filled.text, filled.tokens, filled.tokensGold], ['x\n', 1, 11]);
  });

  it('asks the same where the suffix brings the line break', async () => {
    const other = { ...line, canonical_solution: '  return 1;', suffix: '\n}\n' };
    const { filled, asked } = await ask('auto', other);
    assert.deepEqual(asked, (await ask('auto', line)).asked);
    assert.deepEqual([filled.text, filled.tokensGold], ['x', 11]);
  });

  it('keeps the surest of several fills, the first drawn where two are as sure', async () => {
    const fillOf = (text: string, confidence: number) => [{ text, tokens: [], confidence }];
    const drawn = {
      countTokens: () => 1,
      fill: ({ variants }: FillParams) =>
        Promise.resolve({
          ...{ steps: 1, forwards: 6, elapsedMs: 3, forwardMs: 1 },
          fills: fillOf('a', 0.4),
          ...(variants === 4 && {
            alternatives: [fillOf('b', 0.6), fillOf('c', 0.6), fillOf('d', 0.1)],
          }),
        }),
    };
    const fill = (variants?: number, rank?: VariantRank) =>
      modelFiller(drawn, 'auto', {}, variants, rank)(line, new AbortController().signal);
    const { text, others } = await fill(4);
    assert.deepEqual([text, others], ['b\n', ['c\n', 'a\n', 'd\n']]);
    assert.deepEqual((await fill()).others, []);
    // Ranked by their fit they come in their order, however sure they are.
    const ranked = await fill(4, 'fit');
    assert.deepEqual([ranked.text, ranked.others], ['a\n', ['b\n', 'c\n', 'd\n']]);
  });

  it('leaves a block its line breaks', async () => {
    const block = { ...line, canonical_solution: '  a;\n  b;\n' };
    const { filled, asked } = await ask('auto', block);
    const gap = gapOf('auto', { singleLine: false });
    assert.deepEqual(asked.parts, [{ text: line.prompt }, gap, { text: '}\n' }]);
    assert.equal(filled.tokensGold, 10);
  });

  it('gives a gap of stated length its line break, too', async () => {
    const { filled, asked } = await ask(5, line);
    const gap = gapOf(5, { singleLine: true });
    assert.deepEqual(asked.parts, [{ text: line.prompt }, gap, { text: '\n}\n' }]);
    assert.equal(filled.tokensGold, 11);
  });

  it('gives an oracle gap the gold length, line break and all', async () => {
    const { filled, asked } = await ask('oracle', line);
    assert.deepEqual(asked.parts, [{ text: line.prompt }, gapOf(12), { text: '}\n' }]);
    assert.equal(filled.tokensGold, 12);
  });
});

describe('constantFiller', () => {
  const task = {
    ...{
      ...line,
      language: 'python',
      entry_point: 'f',
      prompt: 'def f():\n',
      suffix: '',
      test: '',
    },
    canonical_solution: '    return 1\n',
  };
  it('keeps the indentation and the line break of the gold line', async () => {
    const { text } = await constantFiller('pass')(task, new AbortController().signal);
    assert.equal(text, '    pass\n');
    assert.equal(programOf(task, text), 'def f():\n    pass\n\n\ncheck(f)\n');
  });
});
