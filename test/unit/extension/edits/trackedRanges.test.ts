import { strict as assert } from 'node:assert';
import {
  moved,
  movedBeside,
  rewritten,
  stretched,
  type TextChange,
} from '../../../../src/extension/edits/trackedRanges';

const change = (offset: number, length: number, text: string): TextChange => ({
  offset,
  length,
  text,
});
const range = (start: number, end: number) => ({ start, end });

type Move = [what: string, changes: TextChange[], expected: [number, number] | undefined];

describe('moved()', () => {
  const around10to20: Move[] = [
    ['typed before', [change(3, 0, 'ab')], [12, 22]],
    ['deleted before', [change(3, 4, '')], [6, 16]],
    ['typed behind', [change(25, 0, 'ab')], [10, 20]],
    ['before and behind at once', [change(25, 1, ''), change(0, 0, '\r\n')], [12, 22]],
    ['two before at once', [change(5, 0, 'x'), change(1, 2, '')], [9, 19]],
    ['typed inside', [change(15, 0, 'a')], undefined],
    ['typed at its start', [change(10, 0, 'a')], undefined],
    ['typed at its end', [change(20, 0, 'a')], undefined],
    ['replaced as a whole', [change(10, 10, 'a')], undefined],
    ['deleted up to it', [change(5, 5, '')], undefined],
    ['deleted over its start', [change(5, 8, '')], undefined],
    ['before, and inside', [change(12, 1, ''), change(0, 0, 'a')], undefined],
  ];
  for (const [what, changes, expected] of around10to20) {
    it(what, () => {
      assert.deepEqual(moved(range(10, 20), changes), expected && range(...expected));
    });
  }

  it('takes typing at an empty range for touching it', () => {
    assert.equal(moved(range(5, 5), [change(5, 0, 'a')]), undefined);
    assert.deepEqual(moved(range(5, 5), [change(4, 0, 'a')]), range(6, 6));
    assert.deepEqual(moved(range(5, 5), [change(6, 2, '')]), range(5, 5));
  });
});

describe('movedBeside()', () => {
  it('lets our own edits end and begin where the range begins and ends', () => {
    assert.deepEqual(movedBeside(range(10, 20), [change(5, 5, 'longer text')]), range(16, 26));
    assert.deepEqual(movedBeside(range(10, 20), [change(20, 3, '')]), range(10, 20));
    assert.deepEqual(movedBeside(range(10, 10), [change(10, 4, 'a')]), range(10, 10));
    assert.equal(movedBeside(range(10, 20), [change(19, 2, '')]), undefined);
  });
});

describe('stretched()', () => {
  const around10to20: Move[] = [
    ['typed before', [change(10, 0, 'ab')], [12, 22]],
    ['typed inside', [change(15, 0, 'abc')], [10, 23]],
    ['typed behind', [change(20, 0, 'abc')], [10, 20]],
    ['deleted inside', [change(12, 5, '')], [10, 15]],
    ['deleted over its start', [change(5, 8, '')], [5, 12]],
    ['deleted over its end', [change(15, 8, '')], [10, 15]],
    ['replaced as a whole', [change(10, 10, 'new')], [10, 13]],
    ['deleted as a whole', [change(10, 10, '')], undefined],
    ['deleted with its surroundings', [change(5, 30, '')], undefined],
    ['two at once', [change(15, 0, 'b'), change(0, 0, 'a')], [11, 22]],
  ];
  for (const [what, changes, expected] of around10to20) {
    it(what, () => {
      assert.deepEqual(stretched(range(10, 20), changes), expected && range(...expected));
    });
  }
});

describe('rewritten()', () => {
  const range = { start: 10, end: 20 };
  const own = [
    { start: 10, end: 12 },
    { start: 20, end: 20 },
  ];
  it('holds our own edits, at its borders too', () => {
    const changes = [
      { offset: 20, length: 0, text: 'new' },
      { offset: 10, length: 2, text: '' },
    ];
    assert.deepEqual(rewritten(range, changes, own), { start: 10, end: 21 });
  });
  it('moves by what is beside it', () => {
    const changes = [
      { offset: 22, length: 1, text: 'x' },
      { offset: 10, length: 2, text: 'abc' },
      { offset: 3, length: 1, text: '1234' },
    ];
    assert.deepEqual(rewritten(range, changes, own), { start: 13, end: 24 });
  });
  it('is touched by any other edit', () => {
    assert.equal(rewritten(range, [{ offset: 14, length: 1, text: '' }], own), undefined);
  });
});
