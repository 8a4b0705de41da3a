import { strict as assert } from 'node:assert';
import { replacementOf, type Place } from '../../../../src/extension/edits/replacement';
import {
  inOrder,
  lineFeedOffset,
  trimmedRange,
  type Target,
} from '../../../../src/extension/edits/target';

const spaces: Place = {
  lineBefore: '',
  suffix: '',
  lineEnd: '\n',
  indentation: { insertSpaces: true, tabSize: 2 },
};
const tabs: Place = {
  ...spaces,
  lineEnd: '\r\n',
  indentation: { insertSpaces: false, tabSize: 4 },
};
const gap: Target = {
  id: 0,
  uri: 'a',
  kind: 'gap',
  original: '',
  range: { start: 0, end: 0 },
  status: 'open',
};
const draft: Target = { ...gap, kind: 'draft', original: 'old' };
const fill = (text: string) => ({ text, tokens: [], confidence: 1 });

const cases: [
  what: string,
  text: string,
  target: Target,
  place: Place,
  expected: string | undefined,
][] = [
  ['a gap in the editor’s indentation', 'a\n\tb', gap, spaces, 'a\n  b'],
  ['a gap with the document’s line ends', 'a\n    b', gap, tabs, 'a\r\n\tb'],
  ['a gap at a line end ends with text', 'a;  \n', gap, spaces, 'a;'],
  ['a gap in a line keeps its blanks', 'a, ', gap, { ...spaces, suffix: 'b)' }, 'a, '],
  ['a gap without what follows in its line', 'a + b;', gap, { ...spaces, suffix: ';\nc' }, 'a + b'],
  ['a gap with one round of a circle', 'size' + ' = size'.repeat(8), gap, spaces, 'size = size'],
  ['a gap with a bracket of its own', 'f(a)', gap, { ...spaces, suffix: ')' }, 'f(a)'],
  [
    'a gap without the lines that follow',
    'a;\nreturn b;',
    gap,
    { ...spaces, suffix: '\r\nreturn b;\r\n}' },
    'a;',
  ],
  ['a draft that repeats what follows', 'a;', draft, { ...spaces, suffix: ';' }, 'a;'],
  ['a draft as it is, line ends aside', 'a\n\tb\n', draft, spaces, 'a\n\tb\n'],
  ['a CRLF draft as it was', 'a\n  b', draft, tabs, 'a\r\n  b'],
  ['what a gap must contain as it is', '\tx ', { ...gap, contains: '\tx ' }, spaces, '\tx '],
  ['an empty fill', '', gap, spaces, ''],
  ['half a character', 'a\uFFFD', gap, spaces, undefined],
  ['a control character', 'a\u0000', draft, spaces, undefined],
  [
    'a replacement character that was there',
    'a\uFFFD',
    { ...draft, original: '\uFFFD' },
    spaces,
    'a\uFFFD',
  ],
];

describe('replacementOf()', () => {
  for (const [what, text, target, place, expected] of cases) {
    it(what, () => assert.equal(replacementOf(fill(text), target, place), expected));
  }
});

describe('a target', () => {
  it('of a selection leaves the white space at its ends alone', () => {
    const at = (text: string) => trimmedRange(text, { start: 10, end: 10 + text.length });
    assert.deepEqual(at('  a b\r\n'), { start: 12, end: 15 });
    assert.deepEqual(at('a'), { start: 10, end: 11 });
    assert.equal(at(' \n\t'), undefined);
    assert.equal(at(''), undefined);
  });

  it('has offsets in line feeds', () => {
    assert.equal(lineFeedOffset('a\r\nb\r\nc', 6), 4);
    assert.equal(lineFeedOffset('a\nb', 2), 2);
  });

  it('comes in the order of the text', () => {
    const at = (start: number, end: number) => ({ range: { start, end } });
    assert.deepEqual(inOrder([at(5, 6), at(0, 2)]), [at(0, 2), at(5, 6)]);
  });
});
