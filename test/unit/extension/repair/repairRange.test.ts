import { strict as assert } from 'node:assert';
import { repairRange, type Margin } from '../../../../src/extension/repair/repairRange';

const text = [
  'function area(width) {',
  '  const size = width * hight_2;',
  '',
  '  return size;',
  '}',
];
const lines = { count: text.length, at: (line: number) => text[line]! };

type Span = [line: number, character: number, endLine: number, endCharacter: number];
const whole = (line: number, last = line): Span => [line, 0, last, text[last]!.length];

const cases: [what: string, error: Span, margin: Margin, expected: Span][] = [
  ['its line', [1, 23, 1, 30], { lines: 0, characters: 0 }, whole(1)],
  ['a line above and below', [1, 23, 1, 30], { lines: 1, characters: 0 }, whole(0, 2)],
  ['no further than the text goes', [1, 23, 1, 30], { lines: 20, characters: 0 }, whole(0, 4)],
  ['all lines of an error of several', [0, 3, 1, 4], { lines: 0, characters: 0 }, whole(0, 1)],
  ['not the line that it ends before', [0, 3, 1, 0], { lines: 0, characters: 0 }, whole(0)],
  ['the first line', [0, 0, 0, 0], { lines: 1, characters: 0 }, whole(0, 1)],
  ['characters: the error itself', [1, 23, 1, 30], { characters: 0 }, [1, 23, 1, 30]],
  ['characters: a cut word in whole', [1, 25, 1, 27], { characters: 0 }, [1, 23, 1, 30]],
  ['characters: words that they reach', [1, 23, 1, 30], { characters: 4 }, [1, 15, 1, 31]],
  ['characters: up to the ends of its line', [1, 8, 1, 12], { characters: 99 }, whole(1)],
  ['characters: an empty error', [1, 21, 1, 21], { characters: 0 }, [1, 21, 1, 21]],
  ['characters: over two lines', [0, 14, 1, 5], { characters: 1 }, [0, 13, 1, 7]],
];

describe('repairRange()', () => {
  for (const [what, [line, character, endLine, endCharacter], margin, expected] of cases) {
    it(`takes ${what}`, () => {
      const error = {
        start: { line, character },
        end: { line: endLine, character: endCharacter },
      };
      const { start, end } = repairRange(lines, error, margin);
      assert.deepEqual([start.line, start.character, end.line, end.character], expected);
    });
  }
});
