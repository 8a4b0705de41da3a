import { strict as assert } from 'node:assert';
import { findLiterals } from '../../../../src/extension/edits/literals';
import {
  isAllLocked,
  locksOf,
  matchesOf,
  type LockQuestion,
} from '../../../../src/extension/edits/locks';
import { findSignatures } from '../../../../src/extension/edits/signatures';

describe('findLiterals()', () => {
  const cases: [languageId: string, text: string, expected: string[]][] = [
    ['typescript', `a = 'x' + "y\\"z"; // it's`, [`'x'`, `"y\\"z"`, `// it's`]],
    ['typescript', 'f(`a\n${b}`) /* c\nd */ + 1', ['`a\n${b}`', '/* c\nd */']],
    ['typescript', '/* never closed', ['/* never closed']],
    ['typescript', `const a = 'never closed\nconst b = 'b';`, [`'b'`]],
    ['python', '"""doc\nstring"""\nx = \'a\' # c', ['"""doc\nstring"""', `'a'`, '# c']],
    ['python', '# don\'t\r\ny = "b"\r\n', [`# don't`, '"b"']],
    ['rust', `fn f<'a>(x: &'a str) { "s" }`, ['"s"']],
    ['sql', `select 'a' -- b`, [`'a'`, '-- b']],
    ['html', '<a href="b"><!-- c --></a>', ['"b"', '<!-- c -->']],
    ['a language nobody knows', `a "b" # c`, ['"b"']],
    ['python', '', []],
  ];
  for (const [languageId, text, expected] of cases) {
    it(`${languageId}: ${JSON.stringify(text)}`, () => {
      const found = findLiterals(text, languageId);
      assert.deepEqual(
        found.map(({ start, end }) => text.slice(start, end)),
        expected,
      );
    });
  }
});

describe('findSignatures()', () => {
  const cases: [text: string, expected: string[]][] = [
    ['def f(a, b=(1, 2)):\n    return a\n', ['def f(a, b=(1, 2)):']],
    ['    async def f(\n        a,\n    ) -> int:  # c\n', []],
    [
      'def f(\n    a: int,\n    b,\n) -> int:\n    pass\n',
      ['def f(\n    a: int,\n    b,\n) -> int:'],
    ],
    ['class A(B):\n', ['class A(B):']],
    ['export function f(a: number): string {\n', ['export function f(a: number): string {']],
    ['function f(a) { return a; }', ['function f(a) {']],
    ['const f = async (a: number) => {\n', ['const f = async (a: number) =>']],
    ['const f = a => a + 1;', ['const f = a =>']],
    ['  area(scale: number) {\n', ['area(scale: number) {']],
    ['public static int area(int w) throws E {\r\n', ['public static int area(int w) throws E {']],
    ['pub fn area(&self) -> f64 {\n', ['pub fn area(&self) -> f64 {']],
    ['if (a) {\n', []],
    ['  } else if (a > b) {\n', []],
    ['for (const a of b) {\n', []],
    ['call(a);\nconst c = d(e);\n', []],
  ];
  for (const [text, expected] of cases) {
    it(JSON.stringify(text), () => {
      const found = findSignatures(text).map(({ start, end }) => text.slice(start, end));
      if (text.startsWith('    async')) assert.equal(found.length, 1);
      else assert.deepEqual(found, expected);
    });
  }

  it('is done at once with a long line', () => {
    const line = `${'public static a.b<c> '.repeat(2000)}(${'(a, '.repeat(2000)}`;
    const startMs = performance.now();
    findSignatures(line);
    assert(performance.now() - startMs < 2000);
  });
});

describe('locksOf()', () => {
  const question: LockQuestion = {
    before: '',
    draft: '',
    languageId: 'python',
    defaults: ['strings', 'comments', 'signatures'],
    own: [],
  };
  const locked = (asked: Partial<LockQuestion> & { draft: string }) =>
    locksOf({ ...question, ...asked }).map(({ start, end }) => asked.draft.slice(start, end));

  it('locks strings, comments and signatures by default', () => {
    const draft = 'def f(a):\n    b = "c"  # d\n    return b';
    assert.deepEqual(locked({ draft }), ['def f(a):', '"c"', '# d']);
    assert.deepEqual(locked({ draft, defaults: ['strings'] }), ['"c"']);
    assert.deepEqual(locked({ draft, defaults: [] }), []);
  });

  it('knows that the draft begins inside a string', () => {
    const asked = { before: 'x = """a\n', draft: 'b\n"""\ny = z', defaults: ['strings'] as const };
    assert.deepEqual(locked(asked), ['b\n"""']);
  });

  it('sees no signature, comment or string in the text before', () => {
    assert.deepEqual(locked({ before: 'def f():\n    # a\n    ', draft: 'return "b" + c' }), [
      '"b"',
    ]);
  });

  it('drops the defaults that would leave nothing, not what the user locked', () => {
    assert.deepEqual(locked({ draft: '# only a comment' }), []);
    assert.deepEqual(locked({ draft: '"a"\n"b"\n' }), []);
    assert.deepEqual(locked({ draft: '# a comment', own: [{ start: 2, end: 3 }] }), ['a']);
  });

  it('makes one lock of those that overlap or touch, and keeps them inside', () => {
    const own = [
      { start: 6, end: 99 },
      { start: -4, end: 2 },
      { start: 2, end: 3 },
      { start: 4, end: 4 },
    ];
    assert.deepEqual(locked({ draft: 'abcdefgh', own, defaults: [] }), ['abc', 'gh']);
  });
});

describe('isAllLocked()', () => {
  it('minds no white space', () => {
    assert(isAllLocked('ab  cd\n', [{ start: 0, end: 2 }, { start: 4, end: 6 }])); // prettier-ignore
    assert(!isAllLocked('ab, cd', [{ start: 0, end: 2 }, { start: 4, end: 6 }])); // prettier-ignore
    assert(isAllLocked(' ', []) && !isAllLocked('a', []));
  });
});

describe('matchesOf()', () => {
  it('finds all, in lines too, and no empty ones', () => {
    assert.deepEqual(matchesOf('a1 a22', /\d+/), [{ start: 1, end: 2 }, { start: 4, end: 6 }]); // prettier-ignore
    assert.deepEqual(matchesOf('a\nb', /^b/m), [{ start: 2, end: 3 }]);
    assert.deepEqual(matchesOf('abc', /x*/g), []);
  });
});
