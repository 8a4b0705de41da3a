import { strict as assert } from 'node:assert';
import { writtenRanges } from '../../../../src/extension/confidence/writtenRanges';
import type { TextChange } from '../../../../src/extension/edits/trackedRanges';

describe('writtenRanges()', () => {
  const cases: [what: string, changes: TextChange[], expected: [number, number][]][] = [
    ['typed', [{ offset: 3, length: 0, text: 'ab' }], [[3, 5]]],
    ['deleted', [{ offset: 3, length: 4, text: '' }], []],
    [
      'several, last first as VS Code tells them',
      [
        { offset: 20, length: 5, text: 'x' },
        { offset: 10, length: 1, text: '' },
        { offset: 2, length: 1, text: 'abc' },
      ],
      [
        [2, 5],
        [21, 22],
      ],
    ],
  ];
  for (const [what, changes, expected] of cases) {
    it(what, () => {
      const ranges = writtenRanges(changes).map(({ start, end }) => [start, end]);
      assert.deepEqual(ranges, expected);
    });
  }
});
