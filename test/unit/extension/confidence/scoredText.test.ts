import { strict as assert } from 'node:assert';
import {
  checkSize,
  mostCharacters,
  placeTokens,
  rangesToScore,
  scoreParts,
} from '../../../../src/extension/confidence/scoredText';
import type { TextRange } from '../../../../src/protocol/messages';

function sourceOf(text: string) {
  return { length: text.length, slice: (start: number, end: number) => text.slice(start, end) };
}

/** `[...]` marks ranges. */
function marked(text: string): { text: string; ranges: TextRange[] } {
  const ranges: { start: number; end: number }[] = [];
  let plain = '';
  for (const piece of text.split(/([[\]])/)) {
    if (piece === '[') ranges.push({ start: plain.length, end: plain.length });
    else if (piece === ']') ranges.at(-1)!.end = plain.length;
    else plain += piece;
  }
  return { text: plain, ranges };
}

describe('rangesToScore()', () => {
  const cases: [what: string, selected: string, expected: string][] = [
    ['a word with the blank before it', 'a = [size];', 'a =[ size];'],
    ['a cut word in whole', 'const wi[dth = hei]ght;', 'const[ width = height];'],
    ['an operator with its blank', 'a [+] b', 'a[ +] b'],
    ['no blank of an indentation', '{\n  [return] a', '{\n  [return] a'],
    ['no blank at the start of a line', '{\n [return] a', '{\n [return] a'],
    ['nothing more than a line break', 'a [\n  b] c', 'a [\n  b] c'],
    ['letters of any script', 'a = gr[ö]ße', 'a =[ größe]'],
    ['two that meet as one', 'fo[o] ba[r]', '[foo bar]'],
    ['two that come in any order', 'a [b] c, d [e]', 'a[ b] c, d[ e]'],
    ['none of blanks', 'a[  ] b', 'a  b'],
    ['everything', '[a\r\nb]', '[a\r\nb]'],
  ];
  for (const [what, selected, expected] of cases) {
    it(`takes ${what}`, () => {
      const { text, ranges } = marked(selected);
      assert.deepEqual(rangesToScore(sourceOf(text), ranges.toReversed()), marked(expected).ranges);
    });
  }
});

describe('scoreParts()', () => {
  const parts = (selected: string) => {
    const { text, ranges } = marked(selected);
    return scoreParts(sourceOf(text), ranges);
  };

  it('gives the text around a range, unchanged', () => {
    assert.deepEqual(parts('a = [b];\r\nc'), [
      { text: 'a = ' },
      { score: 'b' },
      { text: ';\r\nc' },
    ]);
  });

  it('gives what lies between two ranges', () => {
    assert.deepEqual(parts('[a] = [b]'), [{ score: 'a' }, { text: ' = ' }, { score: 'b' }]);
  });

  it('reaches only so far', () => {
    const far = 'x = 1;\n'.repeat(10_000);
    const [before, , after] = parts(`${far}[a]\n${far}`) as { text: string }[];
    assert(before!.text.length <= 20_000 && before!.text.startsWith('x'));
    assert(after!.text.length <= 10_000 && after!.text.endsWith('\n'));
  });
});

describe('placeTokens()', () => {
  it('turns offsets of parts into offsets of the document', () => {
    const { text, ranges } = marked('a = [foo(]b[)]');
    const token = (start: number, end: number) => {
      return { start, end, probability: 0.5, alternatives: [] };
    };
    const placed = placeTokens(sourceOf(text), ranges, [[token(0, 3), token(3, 4)], [token(0, 1)]]);
    assert.deepEqual(
      placed.map(({ start, end, text: own }) => [start, end, own]),
      [
        [4, 7, 'foo'],
        [7, 8, '('],
        [9, 10, ')'],
      ],
    );
  });

  it('leaves out alternatives that have no text', () => {
    const alternatives = [
      { text: '', probability: 0.6 },
      { text: 'b', probability: 0.2 },
    ];
    const token = { start: 0, end: 1, probability: 0.1, alternatives };
    const [placed] = placeTokens(sourceOf('a'), [{ start: 0, end: 1 }], [[token]]);
    assert.deepEqual(placed!.alternatives, [{ text: 'b', probability: 0.2 }]);
  });
});

describe('checkSize()', () => {
  it('lets through what may be looked at', () => {
    checkSize([{ start: 5, end: 5 + mostCharacters }], 1, 'Cannot scan');
  });

  it('counts all ranges, and says how much there is and how much may be', () => {
    const half = { start: 0, end: mostCharacters / 2 + 1 };
    assert.throws(
      () => checkSize([half, half], 1200, 'Cannot scan'),
      /^LacunaError: Cannot scan: there are 20,002 characters in 1,200 lines, and at most 20,000 characters are looked at\. Select less\.$/,
    );
  });
});
