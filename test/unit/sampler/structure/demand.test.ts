import assert from 'node:assert/strict';
import { Demand } from '../../../../src/sampler/structure/demand';

/** Where the gap is: code with ‸ in it. */
function demandAt(languageId: string, code: string) {
  const [before, behind] = code.split('‸') as [string, string];
  return Demand.of(before, behind, { languageId, singleLine: true })!;
}

/** Fills by how well they suit, as judged. */
type Row = readonly [
  says: string,
  code: string,
  suits: { readonly 2?: readonly string[]; readonly 1?: readonly string[] },
];

const python: readonly Row[] = [
  [
    'a counter that the lines behind need is bound',
    'def f(xs):\n‸\n    for x in xs:\n        most = max(most, x)\n    return most\n',
    {
      2: ['    most = 0', '    most: int = 0', '    most = len(xs)'],
      1: ['    total = 0', '    pass'],
    },
  ],
  [
    'a loop binds what its body reads',
    'def f(xs):\n    total = 0\n‸\n        total += n\n    return total\n',
    {
      2: ['    for n in xs:', '    for i, n in enumerate(xs):'],
      1: ['    for x in xs:', '    if xs:'],
    },
  ],
  [
    'both of a tuple are bound',
    'def f(pairs):\n‸\n        print(key, value)\n    return 1\n',
    {
      2: ['    for key, value in pairs:'],
      1: ['    for key in pairs:', '    for value, _ in pairs:'],
    },
  ],
  [
    'a module is imported',
    'import os\n‸\n\nprint(json.dumps(os.name))\n',
    { 2: ['import json', 'from a import json'], 1: ['import sys', 'x = 1'] },
  ],
  [
    'a file is opened',
    'def f(path):\n‸\n        return file.read()\n    return 1\n',
    {
      2: ['    with open(path) as file:'],
      1: ['    with open(path) as f:', '    with open(path):'],
    },
  ],
  [
    'what is caught is bound',
    'try:\n    pass\n‸\n    print(error)\n',
    { 2: ['except ValueError as error:'], 1: ['except ValueError as e:', 'except ValueError:'] },
  ],
  [
    'a function is defined that calls itself',
    '‸\n    return n * power(n, k - 1)\n',
    { 2: ['def power(n, k):', 'def power(n, k=1):'], 1: ['def other(n, k):', 'def power(x, y):'] },
  ],
  [
    'no unknown name is read',
    'def f(xs):\n‸\n    return xs\n',
    {
      2: ['    print(xs)', '    xs.sort(key=len)', '    x = xs[0]'],
      1: ['    print(ys)', '    y.sort()'],
    },
  ],
  [
    'what a comprehension or a lambda binds is known in it',
    'def f(xs):\n‸\n    return xs\n',
    {
      2: [
        '    xs = [x for x in xs if x]',
        '    xs.sort(key=lambda x: x[0])',
        '    ys = {k: v for k, v in xs}',
      ],
      1: ['    xs = [y for x in xs]', '    xs.sort(key=lambda x: y)'],
    },
  ],
  [
    'attributes and keyword arguments may be any',
    'def f(self):\n‸\n    return 1\n',
    { 2: ['    self.anything = self.other(key=1)'], 1: ['    self.x = other(key=1)'] },
  ],
  [
    'a name is not asked for that is used only after the function',
    'def f():\n‸\n    return 1\n\ndef g():\n    return later\n',
    { 2: ['    x = 1', '    print(1)'] },
  ],
  [
    'nor one that a function further down declares',
    'def f():\n‸\n    return g(helper)\n\ndef g(x):\n    return x\n\ndef helper():\n    pass\n',
    { 2: ['    x = 1', '    print(helper())'] },
  ],
];

const braced: readonly Row[] = [
  [
    'a constant is declared',
    'function f(xs) {\n‸\n  return first + 1;\n}\n',
    {
      2: ['  const first = xs[0];', '  let [first] = xs;', '  const { first } = xs;'],
      1: ['  const x = xs[0];'],
    },
  ],
  [
    'a loop binds what its body reads',
    'function f(xs) {\n‸\n    g(item);\n  }\n}\nfunction g() {}\n',
    {
      2: ['  for (const item of xs) {', '  for (let item = 0; item < 9; item++) {'],
      1: ['  for (const x of xs) {'],
    },
  ],
  [
    'what is caught is bound',
    'function f(xs) {\n  try {\n    xs();\n‸\n    return error;\n  }\n}\n',
    { 2: ['  } catch (error) {'], 1: ['  } catch (e) {', '  } catch {'] },
  ],
  [
    'no unknown name is read',
    'function f(xs) {\n‸\n  return xs;\n}\n',
    {
      2: ['  xs.push(1);', '  console.log(xs.any);', '  const y = xs;'],
      1: ['  xs.push(y);', '  ys.push(1);'],
    },
  ],
  [
    'parameters of arrows are known in them',
    'function f(xs) {\n‸\n  return xs;\n}\n',
    {
      2: [
        '  xs = xs.map((x) => x + 1);',
        '  xs.sort((a, b) => a - b);',
        '  xs.map(({ a, ...b }) => [a, b]);',
      ],
      1: ['  xs = xs.map((x) => y);'],
    },
  ],
  [
    'keys may be any',
    'function f(xs) {\n‸\n  return xs;\n}\n',
    { 2: ['  g({ key: xs, other: 1 });'], 1: ['  g({ key: other });'] },
  ],
  [
    'flags of a regular expression are no names',
    'function f(xs) {\n‸\n  return xs;\n}\nfunction g() {}\n',
    { 2: ['  g(xs.replace(/a[b/]/giu, xs));'] },
  ],
  [
    'a list of imports may hold any name',
    "import {\n  a,\n‸\n  c,\n} from './d';\na(c);\n",
    { 2: ['  b,', '  type b,'] },
  ],
  [
    'a comment binds nothing',
    'function f(xs) {\n‸\n  return first + 1;\n}\n',
    { 1: ['  // first', '  /* first */'] },
  ],
  [
    'exports come from elsewhere',
    'const a = 1;\n‸\nexport { a };\n',
    { 2: ["export { b } from './b';", "import b from './b';", "export * from './c';"] },
  ],
  [
    'a name is not asked for that is used only after the block',
    'function f() {\n‸\n  return 1;\n}\nfunction g() {\n  return later;\n}\n',
    { 2: ['  const x = 1;'] },
  ],
];

const typescript: readonly Row[] = [
  [
    'members of a class may have any name',
    'class A {\n  readonly #a: number;\n‸\n  c(x: number): number {\n    return x;\n  }\n}\n',
    { 2: ['  #b = 1;', '  private readonly b: string;', '  d(): void {}'], 1: ['  b: Unknown;'] },
  ],
  [
    'parameters of a method are known in it',
    'class A {\n‸\n    return first(x);\n  }\n}\nfunction first(x: number) {}\n',
    { 2: ['  c(x: number): number {', '  static async c(x: number): Promise<number> {'] },
  ],
  [
    'types that are annotated have to be known',
    'type Known = string;\nfunction f(xs: Known) {\n‸\n  return y;\n}\n',
    { 2: ['  const y: Known = xs;', '  const y = xs as Known;'], 1: ['  const x: Known = xs;'] },
  ],
];

const mark = (languageId: string, [says, code, suits]: Row) =>
  it(`${says} (${languageId})`, () => {
    const demand = demandAt(languageId, code);
    const all = [...(suits[2] ?? []), ...(suits[1] ?? [])];
    const judged = (wanted: number) => all.filter((fill) => demand.judge(fill) === wanted);
    assert.deepEqual({ 2: judged(2), 1: judged(1) }, { 2: suits[2] ?? [], 1: suits[1] ?? [] });
    // What suits can be come by, a word at a time.
    for (const fill of suits[2] ?? []) {
      const starts = [...fill.matchAll(/\w+|\W/g)].map((m) => m.index + m[0].length);
      const lost = starts.map((end) => fill.slice(0, end)).filter((s) => demand.goesOn(s) < 2);
      assert.deepEqual(lost, []);
      assert.ok(demand.mayEnd(fill));
    }
  });

describe('the demand on a fill', () => {
  for (const row of python) mark('python', row);
  for (const languageId of ['javascript', 'typescript'])
    for (const row of braced) mark(languageId, row);
  for (const row of typescript) mark('typescript', row);
});
