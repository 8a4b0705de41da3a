import assert from 'node:assert/strict';
import { parseRange, piecesOf, rangesIn } from '../../../src/server/commands/textPlace';
import { expectError } from '../../support/expectError';

const context = { doing: 'Cannot fill', file: 'f' };
const cut = (text: string, ...wishes: string[]) =>
  rangesIn(text, wishes.map(parseRange), context).map(({ start, end }) => text.slice(start, end));

describe('parseRange()', () => {
  it('takes two places, or lines', () => {
    assert.deepEqual(parseRange('3:5-7:1'), {
      from: { line: 3, column: 5 },
      to: { line: 7, column: 1 },
    });
    assert.deepEqual(parseRange('3-7'), { from: { line: 3 }, to: { line: 7 } });
    assert.deepEqual(parseRange('3'), parseRange('3-3'));
  });

  for (const text of ['', '3:5', '3:5-7', '-', 'a-b', '3:5-7:1-9', '3 - 7']) {
    it(`refuses "${text}"`, () => assert.throws(() => parseRange(text), /LINE:COL-LINE:COL/));
  }
});

describe('rangesIn()', () => {
  const text = 'ab\r\ncd\n\ne😀';

  it('cuts between the named columns', () => {
    assert.deepEqual(cut(text, '1:2-2:2'), ['b\r\nc']);
    assert.deepEqual(cut(text, '4:2-4:4'), ['😀']);
  });

  it('takes whole lines without the end of the last', () => {
    assert.deepEqual(cut(text, '1-2'), ['ab\r\ncd']);
    assert.deepEqual(cut(text, '4'), ['e😀']);
  });

  it('puts several in order', () => assert.deepEqual(cut(text, '4', '1'), ['ab', 'e😀']));

  it('refuses what is not there, empty or twice', async () => {
    const refuse = (wish: string[], found: RegExp) =>
      expectError(() => cut(text, ...wish), 'badUsage', found);
    await refuse(['9'], /line 9 does not exist, "f" has 4 lines/);
    await refuse(['1:1-1:9'], /column 9 does not exist/);
    await refuse(['4:1-4:3'], /inside a character/);
    await refuse(['2:1-1:1'], /holds no text/);
    await refuse(['3'], /holds no text/);
    await refuse(['1-2', '2'], /two ranges overlap/);
  });
});

describe('piecesOf()', () => {
  it('leaves nothing out and nothing empty', () => {
    const ranges = [
      { start: 0, end: 2 },
      { start: 2, end: 3 },
      { start: 5, end: 6 },
    ];
    const pieces = piecesOf('abcdef', ranges).map(({ text, isInside }) =>
      isInside ? `[${text}]` : text,
    );
    assert.deepEqual(pieces, ['[ab]', '[c]', 'de', '[f]']);
    assert.deepEqual(piecesOf('', []), []);
  });
});
