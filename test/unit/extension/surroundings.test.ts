import { strict as assert } from 'node:assert';
import {
  fillParts,
  isInsideWord,
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
