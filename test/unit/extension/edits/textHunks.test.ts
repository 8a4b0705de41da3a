import { strict as assert } from 'node:assert';
import { hunksOf, shiftedBy, touches, withHunks } from '../../../../src/extension/edits/textHunks';

/** Each hunk as `old>new`. */
const shown = (before: string, after: string) =>
  hunksOf(before, after).map(({ start, end, text }) => `${before.slice(start, end)}>${text}`);

describe('hunksOf()', () => {
  const cases: [what: string, before: string, after: string, hunks: string[]][] = [
    ['nothing where nothing changes', 'a = b;', 'a = b;', []],
    ['words', 'return width + height;', 'return width - depth;', ['+ height>- depth']],
    [
      'two places with a word between them',
      'const size = someWidth * height;',
      'const area = someWidth + height;',
      ['size>area', '*>+'],
    ],
    ['one place where signs part the words', 'f(a, b)', 'f(c, d)', ['a, b>c, d']],
    ['one place where less stays than changes', 'first a second', 'third a fourth', ['first a second>third a fourth']], // prettier-ignore
    ['each line by itself', 'a = 1\r\nb = 2\r\n', 'a = 3\r\nb = 4\r\n', ['1>3', '2>4']],
    ['what is put in', 'f(a)', 'f(a, b)', ['>, b']],
    ['what goes', 'a\n\tb\nc', 'a\nc', ['\tb\n>']],
    ['all of nothing', '', 'a b', ['>a b']],
    ['whole characters', '"😀"', '"😁"', ['😀>😁']],
  ];
  for (const [what, before, after, hunks] of cases) {
    it(`finds ${what}`, () => {
      assert.deepEqual(shown(before, after), hunks);
      assert.equal(withHunks(before, hunksOf(before, after)), after);
    });
  }

  it('gives the new text, applied at once or one by one, whatever the texts', () => {
    const words = ['a', 'bc', ' ', '  ', '\n', '\r\n', '\t', '(', ')', ';', '😀', '\ud800', '_1'];
    let seed = 7;
    const next = (below: number) => (seed = (seed * 48_271) % 2_147_483_647) % below;
    const text = () => Array.from({ length: next(30) }, () => words[next(words.length)]).join('');
    for (let round = 0; round < 300; round++) {
      const [before, after] = [text(), text()];
      const hunks = hunksOf(before, after);
      assert.equal(withHunks(before, hunks), after);
      let now = before;
      let open = hunks;
      while (open.length > 0) {
        const done = open.splice(next(open.length), 1);
        now = withHunks(now, done);
        open = shiftedBy(open, done);
      }
      assert.equal(now, after);
    }
  });

  it('goes by lines where too many words change', () => {
    const text = (word: string) => `  call(${word}, 1);\n`.repeat(600) + 'same\n' + word;
    assert.equal(hunksOf(text('a'), text('b')).length, 2);
    assert.equal(withHunks(text('a'), hunksOf(text('a'), text('b'))), text('b'));
  });
});

describe('touches()', () => {
  it('sees what overlaps, and an empty range at the same place', () => {
    const at = (start: number, end: number) => ({ start, end });
    assert(
      touches(at(2, 5), at(4, 8)) && touches(at(3, 3), at(2, 4)) && touches(at(4, 4), at(4, 4)),
    );
    assert(!touches(at(2, 4), at(4, 8)) && !touches(at(4, 4), at(4, 8)));
  });
});
