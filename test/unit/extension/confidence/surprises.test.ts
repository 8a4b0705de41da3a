import { strict as assert } from 'node:assert';
import { afterChanges, editedLines } from '../../../../src/extension/confidence/scanList';
import { findSurprises, mostShown } from '../../../../src/extension/confidence/surprises';

type Given = [text: string, probability: number, expected: string, its: number];

function tokensOf(...given: Given[]) {
  let end = 0;
  return given.map(([text, probability, expected, its]) => {
    const start = end;
    end = start + text.length;
    const alternatives = expected === '' ? [] : [{ text: expected, probability: its }];
    return { start, end, text, probability, alternatives };
  });
}
const texts = (given: Given[], threshold = 0.02) =>
  findSurprises(tokensOf(...given), threshold).shown.map(({ tokens }) =>
    tokens.map(({ text }) => text),
  );

describe('findSurprises()', () => {
  const cases: [what: string, given: Given[], threshold: number, expected: string[][]][] = [
    ['an unlikely token', [['a', 0.01, 'b', 0.62]], 0.02, [['a']]],
    ['none at the threshold', [['a', 0.02, 'b', 0.62]], 0.02, []],
    ['none where nothing is far likelier', [['a', 0.001, 'b', 0.19]], 0.02, []],
    ['one where something just is', [['a', 0.001, 'b', 0.2]], 0.02, [['a']]],
    ['none without an alternative', [['a', 0.001, '', 0]], 0.02, []],
    ['none of white space', [['\n  ', 0.001, ' ', 0.9]], 0.02, []],
    ['what a higher threshold lets in', [['a', 0.05, 'b', 0.5]], 0.1, [['a']]],
    ['ten times as likely, whatever the threshold', [['a', 0.06, 'b', 0.55]], 0.1, []],
  ];
  for (const [what, given, threshold, expected] of cases) {
    it(`finds ${what}`, () => assert.deepEqual(texts(given, threshold), expected));
  }

  it('makes one of neighbours, in the order of the text', () => {
    const sure: Given = ['x', 0.9, 'y', 0.05];
    const a: Given = ['a', 0.01, 'b', 0.6];
    const c: Given = ['c', 0.001, 'd', 0.6];
    const { shown } = findSurprises(tokensOf(a, sure, a, c), 0.02);
    assert.deepEqual(
      shown.map(({ start, end }) => [start, end]),
      [
        [2, 4],
        [0, 1],
      ],
      'the least likely comes first',
    );
    assert.deepEqual(
      shown[0]!.tokens.map(({ text, expected }) => [text, expected.text]),
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    );
  });

  it('keeps the least likely and counts the rest', () => {
    const given = Array.from({ length: 60 }, (_, index): Given[] => [
      ['a', 0.019 - index / 10_000, 'b', 0.5],
      [' ', 0.9, 'x', 0.05],
    ]).flat();
    const { shown, rest } = findSurprises(tokensOf(...given), 0.02);
    assert.equal(shown.length, mostShown);
    assert.equal(rest, 10);
    assert.equal(shown[0]!.start, 118);
  });
});

describe('editedLines()', () => {
  type Span = [line: number, character: number, endLine: number, endCharacter: number];
  const cases: [what: string, span: Span, text: string, lines: [number, number]][] = [
    ['typing in a line', [2, 3, 2, 3], 'a', [2, 2]],
    ['typing at its start', [2, 0, 2, 0], 'a', [2, 2]],
    ['a line break in a line', [2, 3, 2, 3], '\n  ', [2, 2]],
    ['whole lines in front of it', [2, 0, 2, 0], 'a;\r\n', [2, 1]],
    ['whole lines taken away before it', [1, 0, 3, 0], '', [1, 2]],
    ['a line joined to the one before', [1, 4, 2, 0], '', [1, 2]],
    ['whole lines replaced', [1, 0, 2, 0], 'x\n', [1, 1]],
  ];
  for (const [what, [line, character, endLine, endCharacter], text, expected] of cases) {
    it(what, () => {
      const span = {
        start: { line, character },
        end: { line: endLine, character: endCharacter },
      };
      const { firstLine, lastLine } = editedLines(span, text);
      assert.deepEqual([firstLine, lastLine], expected);
    });
  }
});

describe('afterChanges()', () => {
  const remarks = [
    { name: 'first', range: { start: 4, end: 6 }, firstLine: 0, lastLine: 0 },
    { name: 'second', range: { start: 24, end: 36 }, firstLine: 2, lastLine: 3 },
  ];
  const change = (
    offset: number,
    length: number,
    text: string,
    firstLine: number,
    lastLine = firstLine,
  ) => ({ offset, length, text, firstLine, lastLine });
  const left = (...changes: ReturnType<typeof change>[]) =>
    afterChanges(remarks, changes).map(({ name, range }) => [name, range.start, range.end]);

  const cases: [what: string, ReturnType<typeof change>, (string | number)[][]][] = [
    ['elsewhere: moves it', change(12, 0, 'ab', 1), [['first', 4, 6], ['second', 26, 38]]], // prettier-ignore
    ['on its line: drops it', change(0, 0, 'a', 0), [['second', 25, 37]]],
    ['behind it on its line: drops it', change(8, 1, '', 0), [['second', 23, 35]]],
    ['on the last of its lines: drops it', change(38, 0, 'a', 3), [['first', 4, 6]]],
    ['a line above is deleted', change(10, 10, '', 1, 1), [['first', 4, 6], ['second', 14, 26]]], // prettier-ignore
    ['over everything', change(0, 40, '', 0, 4), []],
  ];
  for (const [what, edit, expected] of cases) {
    it(`an edit ${what}`, () => assert.deepEqual(left(edit), expected));
  }
});
