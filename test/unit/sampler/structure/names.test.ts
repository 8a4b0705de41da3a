import assert from 'node:assert/strict';
import { boundWords, isName, missingWords } from '../../../../src/sampler/structure/names';
import { Scan, type BlockStyle } from '../../../../src/sampler/structure/scan';

const wordsOf = (style: BlockStyle, text: string) => new Scan(style).read(text).end().words;

/** Names that a text binds, in its order. */
function bound(style: BlockStyle, text: string): string[] {
  const words = wordsOf(style, text);
  const at = [...boundWords(words, style).keys()].sort((a, b) => a - b);
  return [...new Set(at.map((index) => words[index]!.text))];
}

/** Names that the words behind read and nothing binds. */
function missing(style: BlockStyle, before: string, behind: string): string[] {
  const words = missingWords(wordsOf(style, before), wordsOf(style, behind), style);
  return words.map(({ text }) => text);
}

type Row = readonly [says: string, text: string, names: string];
const indented: readonly Row[] = [
  ['an assignment', 'total = other', 'total'],
  ['a chain of assignments', 'a = b = c', 'a b'],
  ['a tuple', 'first, second = pair', 'first second'],
  ['a type alone', 'total: int', 'total'],
  ['an assignment within an expression', 'if (n := f(x)) > 1: pass', 'n'],
  ['a loop', 'for key, value in pairs:', 'key value'],
  ['a comprehension', 'f(x + y for x, y in pairs)', 'x y'],
  ['a lambda', 'g(lambda a, b: a + c)', 'a b'],
  ['a function with its parameters', 'def f(a, b=1, *rest, **more): pass', 'f a b rest more'],
  ['parameters on lines of their own', 'def f(\n    a,\n    b: int = 1,\n): pass', 'f a b'],
  ['a class', 'class A(B):', 'A'],
  ['an import', 'import a, b as c', 'a b c'],
  ['a name from a module', 'from a import b', 'b'],
  ['with and except', 'with open(x) as f: pass', 'f'],
  ['a pattern', 'match x:\n    case [a, *b] if c: pass', 'a b'],
  ['no attribute and no item', 'self.a = 1\nb[c] = 2', ''],
  ['no keyword argument', 'f(key=1)', ''],
  ['no comparison', 'a == b', ''],
];
const braced: readonly Row[] = [
  ['a declaration', 'const total = other;', 'total'],
  ['declarations behind commas', 'let a = f(x, y), b = 2;', 'a b'],
  ['a list taken apart', 'const [a, b = c, ...d] = e;', 'a b d'],
  ['parts behind one that has a default', 'const { a = b(c), d } = e;', 'a d'],
  ['a loop', 'for (const [k, v] of pairs) {', 'k v'],
  ['an arrow with one parameter', 'xs.map(x => y)', 'x'],
  ['an arrow with several', 'xs.map((x, { y }) => z)', 'x y'],
  ['a part that gets another name', 'f(({ a: b }) => c)', 'a b'],
  ['an arrow that tells its result', 'const f = (x: A): B => y;', 'f x'],
  ['a function', 'function f(a, b = 1, ...rest) {', 'f a b rest'],
  ['parameters on lines of their own', 'function f(\n  a,\n  b: B,\n) {', 'f a b'],
  ['a method', '  run(a, b) {', 'a b'],
  ['a method that tells its result', '  run(a: A, b?: B): C {', 'a b'],
  ['a function of any type', 'export function run<T>(a: T): T {', 'run a'],
  ['an arrow that tells a longer result', 'f((x, y): A[] => z)', 'x y'],
  ['a private one of any type', '  private async run<T>(a: T): Promise<T> {', 'a'],
  ['a function that is given', 'const f = function g(a: A) {', 'f g a'],
  ['parameters that become members', 'constructor(private readonly a: A) {', 'a'],
  ['what is caught', '} catch (error) {', 'error'],
  ['an import', "import a, { b as c } from 'd';", 'a b c'],
  ['a class and an interface', 'class A {}\ninterface B {}', 'A B'],
  ['no condition', 'if (a) {', ''],
  ['no half of a choice', 'x = a ? f(b) : c;', ''],
];

describe('names that are bound', () => {
  for (const [says, text, names] of indented) {
    it(`${says} (Python)`, () => assert.equal(bound('indented', text).join(' '), names));
  }
  for (const [says, text, names] of braced) {
    it(`${says} (TypeScript)`, () => assert.equal(bound('braced', text).join(' '), names));
  }
});

describe('words that are no names to look up', () => {
  const names = (style: BlockStyle, text: string) =>
    wordsOf(style, text)
      .filter((word) => isName(word, style))
      .map(({ text: word }) => word)
      .join(' ');

  it('attributes, keywords and keyword arguments', () => {
    assert.equal(names('indented', 'return a.b(c=d, e=f.g)'), 'a d f');
  });

  it('keys, private members and modifiers', () => {
    assert.equal(names('braced', 'return { a: b, c, d: e.f };'), 'b c e');
    assert.equal(names('braced', 'this.#a(b)'), 'b');
    assert.equal(names('braced', 'readonly a: Bee'), 'Bee');
  });

  it('but what is spread is one, and both halves of a choice', () => {
    assert.equal(names('braced', '[...a, e = b ? c : d]'), 'a e b c d');
  });
});

type Asked = readonly [says: string, style: BlockStyle, before: string, behind: string, is: string];
const asked: readonly Asked[] = [
  ['a counter', 'indented', 'def f(x):\n', '    n += x\n    return n\n', 'n'],
  ['two at once', 'indented', '', 'print(a, b)\n', 'a b'],
  ['each only once', 'indented', '', 'f = g(a, a)\nprint(a)\n', 'g a'],
  ['none bound before', 'indented', 'a = 1\n', 'print(a)\n', ''],
  ['none that a loop binds', 'indented', 'xs = []\n', 'for x in xs:\n    print(x)\n', ''],
  ['none of a comprehension', 'indented', 'xs = []\n', 'print([x for x in xs])\n', ''],
  ['no parameter with a default', 'indented', '', 'def f(a, b=1):\n    return a + b\n', ''],
  ['none that Python brings', 'indented', '', 'print(len(sorted([])))\n', ''],
  ['a constant', 'braced', '', 'return a + 1;\n', 'a'],
  ['none declared further down', 'braced', '', 'f(() => a);\nconst a = 1;\n', ''],
  ['no function that is called', 'braced', '', 'helper(1);\n', ''],
  ['no type', 'braced', '', 'let a: Thing;\n', ''],
  ['no label', 'braced', '', 'break outer;\n', ''],
  ['none of another file', 'braced', '', "export { a } from './b';\n", ''],
];

describe('names that a gap is asked for', () => {
  for (const [says, style, before, behind, names] of asked) {
    it(`${says} (${style})`, () => assert.equal(missing(style, before, behind).join(' '), names));
  }
});
