import assert from 'node:assert/strict';
import { constantFiller, isSingleLine } from '../../../src/server/evaluation/filler';
import { programOf, spread } from '../../../src/server/evaluation/tasks';

describe('spread', () => {
  it('takes tasks from all over the file', () => {
    assert.deepEqual(spread([0, 1, 2, 3, 4, 5, 6, 7], 4), [0, 2, 4, 6]);
    assert.deepEqual(spread([0, 1, 2], 5), [0, 1, 2]);
    assert.deepEqual(spread([0, 1, 2], Infinity), [0, 1, 2]);
  });
});

describe('isSingleLine', () => {
  it('is about one line with its line break', () => {
    assert.equal(isSingleLine('    return x\n'), true);
    assert.equal(isSingleLine('return x'), false);
    assert.equal(isSingleLine('a\nb\n'), false);
  });
});

describe('constantFiller', () => {
  const task = {
    ...{ task_id: 't', entry_point: 'f', prompt: 'def f():\n', suffix: '', test: '' },
    canonical_solution: '    return 1\n',
  };
  it('keeps the indentation and the line break of the gold line', async () => {
    const { text } = await constantFiller('pass')(task, new AbortController().signal);
    assert.equal(text, '    pass\n');
    assert.equal(programOf(task, text), 'def f():\n    pass\n\n\ncheck(f)\n');
  });
});
