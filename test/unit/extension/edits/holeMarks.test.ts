import { strict as assert } from 'node:assert';
import { findHoleMarks } from '../../../../src/extension/edits/holeMarks';

const marks = ['<fill>', '/* fill */', '# fill'];
const found = (text: string, wanted: readonly string[] = marks) =>
  findHoleMarks(text, wanted).map(({ start, end }) => text.slice(start, end));

const cases: [what: string, text: string, expected: string[]][] = [
  ['none', 'const a = 1;', []],
  ['nothing at all', '', []],
  ['one', 'const a = <fill>;', ['<fill>']],
  ['two beside each other', '<fill><fill>', ['<fill>', '<fill>']],
  ['all kinds, in order', 'a /* fill */\n<fill>\nb # fill\n', ['/* fill */', '<fill>', '# fill']],
  ['a comment at the end of a CRLF line', 'x = 1  # fill \r\ny\r\n', ['# fill']],
  ['a comment at the end of the text', '    # fill', ['# fill']],
  ['a sentence that begins like one', '# fill the table\n# filler\n', []],
  ['text that only looks alike', '<Fill> < fill > /*fill*/', []],
];

describe('findHoleMarks()', () => {
  for (const [what, text, expected] of cases) {
    it(what, () => assert.deepEqual(found(text), expected));
  }

  it('takes the longer of two marks at one place', () => {
    assert.deepEqual(found('___ + x', ['_', '___']), ['___']);
  });

  it('takes marks literally and leaves out blank ones', () => {
    assert.deepEqual(found('a.b (?) axb', ['(?)', 'a.b', '', ' ']), ['a.b', '(?)']);
  });

  it('wants a word of its own for a mark that is a word', () => {
    assert.deepEqual(found('aTODO TODO b TODOs', ['TODO']), ['TODO']);
  });

  it('knows no marks, no gaps', () => assert.deepEqual(found('<fill>', []), []));
});
