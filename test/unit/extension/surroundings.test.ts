import { strict as assert } from 'node:assert';
import {
  fillParts,
  isInsideWord,
  joinedAbove,
  joinedBelow,
  prefixReach,
  readSurroundings,
  suffixReach,
} from '../../../src/extension/surroundings';

const around = (text: string, completing?: string) => {
  const offset = text.indexOf('‸');
  return readSurroundings(text.replace('‸', ''), offset, completing);
};

describe('readSurroundings()', () => {
  it('leaves prefix and suffix as they are', () => {
    const read = around('\ta\r\n  ‸ b  \r\n\n');
    assert.equal(read.prefix, '\ta\r\n  ');
    assert.equal(read.suffix, ' b  \r\n\n');
    assert.equal(read.lineBefore, '  ');
    assert.equal(read.restOfLine, ' b  ');
  });

  it('reads a gap at the start, at the end and in nothing', () => {
    assert.deepEqual([around('‸abc').prefix, around('‸abc').suffix], ['', 'abc']);
    assert.deepEqual([around('abc‸').prefix, around('abc‸').suffix], ['abc', '']);
    assert.deepEqual([around('‸').prefix, around('‸').suffix], ['', '']);
  });

  it('bounds both sides at line starts', () => {
    const line = 'x'.repeat(99) + '\n';
    const { prefix, suffix } = around(line.repeat(1000) + 'mid‸dle\n' + line.repeat(1000));
    assert(prefix.length <= prefixReach && prefix.length > prefixReach - 200);
    assert(suffix.length <= suffixReach && suffix.length > suffixReach - 200);
    assert(prefix.startsWith('x'.repeat(99) + '\n'));
    assert(suffix.startsWith('dle\nxxx') && suffix.endsWith('x\n'));
  });

  it('cuts one endless line without splitting a character', () => {
    for (const shift of ['', 'y']) {
      const { prefix, suffix } = around(
        '😀'.repeat(20_000) + shift + '‸' + shift + '😀'.repeat(20_000),
      );
      assert(prefix.isWellFormed() && prefix.length >= prefixReach - 1);
      assert(suffix.isWellFormed() && suffix.length >= suffixReach - 1);
    }
  });

  it('takes the selected suggestion as if it stood there', () => {
    const read = around('con‸;', 'sole');
    assert.equal(read.prefix, 'console');
    assert.equal(read.offset, 7);
    assert.equal(read.documentLength, 8);
  });
});

describe('a document that stands in others', () => {
  const cell = (text: string, above: string, below: string) => ({
    length: text.length,
    slice: (start: number, end: number) => text.slice(start, end),
    around: { above, below },
  });

  it('has them before and after it', () => {
    const read = readSurroundings(cell('c = a\nd', 'a = 1\n\n', '\n\ne = c\n'), 5);
    assert.deepEqual([read.prefix, read.suffix], ['a = 1\n\nc = a', '\nd\n\ne = c\n']);
    assert.deepEqual([read.lineBefore, read.restOfLine], ['c = a', '']);
    assert.deepEqual([read.offset, read.documentLength], [5, 7]);
  });

  it('has no more of them than the reach leaves, from line starts', () => {
    const line = 'x'.repeat(99) + '\n';
    const { prefix, suffix } = readSurroundings(
      cell(line.repeat(150), line.repeat(150), line.repeat(150)),
      line.length * 149,
    );
    assert.equal(prefix.length % 100, 0);
    assert(prefix.length > prefixReach - 200 && prefix.length <= prefixReach);
    assert(suffix.length > suffixReach - 200 && suffix.length <= suffixReach);
  });

  it('has none where its own text fills the reach', () => {
    const line = 'x'.repeat(99) + '\n';
    const { prefix, suffix } = readSurroundings(
      cell(line.repeat(400), 'above\n', 'below\n'),
      25_000,
    );
    assert(!prefix.includes('above') && !suffix.includes('below'));
  });

  it('is parted from them by a blank line', () => {
    assert.equal(joinedAbove(['a = 1', ' \n', 'b\r\n\r\n']), 'a = 1\n\nb\n\n');
    assert.equal(joinedBelow('c', ['d\n', 'e']), '\n\nd\n\ne');
    assert.equal(joinedBelow('c\n', ['', 'd']), '\nd');
    assert.deepEqual([joinedAbove([]), joinedBelow('c', [''])], ['', '']);
  });
});

describe('isInsideWord()', () => {
  it('sees a word at both sides only', () => {
    assert(isInsideWord(around('con‸sole')) && isInsideWord(around('grö‸ße')));
    assert(!isInsideWord(around('con‸')) && !isInsideWord(around('a ‸b')));
    assert(!isInsideWord(around('a‸(b)')) && !isInsideWord(around('‸b')));
  });
});

describe('fillParts()', () => {
  it('is the document in its own order', () => {
    const parts = fillParts(around('a‸b'), { length: 3 });
    assert.deepEqual(parts, [{ text: 'a' }, { gap: { length: 3 } }, { text: 'b' }]);
  });
});
