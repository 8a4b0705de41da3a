import assert from 'node:assert/strict';
import { Shape } from '../../../../src/sampler/structure/shape';
import { Surroundings } from '../../../../src/sampler/structure/surroundings';

/** Where the gap is: code with ‸ in it. */
function fitsAt(languageId: string, code: string) {
  const [before, behind] = code.split('‸') as [string, string];
  const around = Surroundings.of(before, behind, languageId)!;
  const shape = new Shape(around, true);
  return (fill: string) => shape.fits(fill);
}

type Row = readonly [says: string, code: string, fits: readonly string[], not: readonly string[]];

const python: readonly Row[] = [
  [
    'a block is opened where the next line is deeper',
    'def f(x):\n‸\n        return 1\n    return 2\n',
    ['    if x:', '    for y in x:', '    while x:  # on'],
    ['    x = 1', '    if x', '    print(x)', '  if x:', '        if x:'],
  ],
  [
    'and none where it is not',
    'def f(x):\n‸\n    return 2\n',
    ['    x = 1', '    print(x)', '    "a string"', '    x = {1: 2}', '    # a comment'],
    ['    if x:', '    for y in x:', '        x = 1', '  x = 1', '    else:'],
  ],
  [
    'a line behind a colon is deeper',
    'def f(x):\n    if x:\n‸\n    return 2\n',
    ['        x = 1', '        return 1', '      return 1'],
    ['    x = 1', 'x = 1', '        if x:'],
  ],
  [
    'a line may be less deep',
    'def f(x):\n    if x:\n        x = 1\n‸\n    return 2\n',
    ['        x = 2', '    x = 2'],
    ['      x = 2', '            x = 2'],
  ],
  [
    'elif needs its if',
    'def f(x):\n    x = 1\n‸\n        return 2\n',
    ['    if x:'],
    ['    elif x:', '    else:', '    except X:', '    finally:'],
  ],
  [
    'if can be gone on with',
    'def f(x):\n    if x:\n        x = 1\n‸\n        return 2\n',
    ['    elif x:', '    else:', '    if x:'],
    ['    except X:', '    x = 1'],
  ],
  [
    'try has to be',
    'try:\n    x = 1\n‸\n    x = 2\n',
    ['except ValueError:', 'except (A, B) as e:', 'finally:'],
    ['elif x:', 'x = 1'],
  ],
  [
    'else behind the gap needs a head before it',
    '‸\n    x = 1\nelse:\n    x = 2\n',
    ['if x:', 'for x in y:', 'while x:'],
    ['with x:', 'def f():', 'try:'],
  ],
  [
    'except behind the gap needs its try',
    'def f():\n‸\n        x = 1\n    except ValueError:\n        pass\n',
    ['    try:'],
    ['    if x:', '    with x:'],
  ],
  [
    'nothing is left unreachable',
    'def f(x):\n    x = 1\n‸\n    return x\n',
    ['    x = 2', '    print(x)'],
    ['    return 2', '    raise X', '    break'],
  ],
  [
    'brackets of the line are closed',
    'def f(x):\n‸\n    return x\n',
    ['    g(x, [1])', "    g('(')"],
    ['    g(x', '    g(x))', '    g(x]', "    g('x)"],
  ],
  [
    'a bracket is opened where the lines behind close it',
    'x = 1\n‸\n    1,\n    2,\n)\nz = 3\n',
    ['y = f('],
    ['y = 1', 'y = f()', 'y = f(['],
  ],
  [
    'a line may go on behind a backslash',
    'x = 1 + \\\n‸\ny = 2\n',
    ['    2'],
    ['    f(', '    2)'],
  ],
  [
    'the rest of a line closes what it has opened',
    'x = f(a, ‸\ny = 2\n',
    ['b)', 'g(b))', '[b])'],
    ['b', 'b]', 'b))'],
  ],
  ['the rest of a head ends in a colon', 'if x‸\n    y = 1\n', [' > 1:', ':'], [' > 1', '']],
  [
    'tabs are as deep as tabs',
    'def f(x):\n\tx = 1\n‸\n\treturn x\n',
    ['\tx = 2'],
    ['x = 2', '\t\tx = 2', '\tif x:'],
  ],
];

const typescript: readonly Row[] = [
  [
    'a brace is opened where the lines behind close it',
    'function f(x) {\n‸\n    return 1;\n  }\n  return 2;\n}\n',
    ['  if (x) {', '  for (const y of x) {', '  while (x) {'],
    ['  x = 1;', '    if (x) {', '  f(x, [', '  if (x) {}'],
  ],
  [
    'and none where they do not',
    'function f(x) {\n‸\n  return 2;\n}\n',
    ['  x = 1;', '  g(x);', '  if (x) return 1;', '  // a comment'],
    ['  if (x) {', '  g(x', '  g(x));', "  g('x);"],
  ],
  [
    'what closes is as deep as what opened',
    'function f(x) {\n  if (x) {\n    g();\n‸\n  return 2;\n}\n',
    ['  }'],
    ['    }', '}', '  g();', '  });'],
  ],
  [
    'a body without braces may follow its head',
    'function f(x) {\n  if (x)\n‸\n  return 2;\n}\n',
    ['    g();', '    return 1;'],
    ['    g(', '    g() {'],
  ],
  [
    'a head without braces may come before its body',
    'function f(x) {\n‸\n    g();\n  return 2;\n}\n',
    ['  if (x)', '  for (const y of x)', '  else'],
    ['  g();', '  x = 1;'],
  ],
  [
    'a chain may go on deeper',
    'function f(x) {\n  return x\n‸\n    .map(g);\n}\n',
    ['    .filter(h)', '    .filter((y) => y > 1)'],
    ['    .filter(', '    .filter(h))'],
  ],
  [
    'an object has its keys',
    'const x = {\n  a: 1,\n‸\n  c: 3,\n};\n',
    ['  b: 2,', '  b,', '  ...b,', '  b: [2],'],
    ['  b: {', '  b: [2},', '};'],
  ],
  [
    'a class has its members',
    'class A {\n  a = 1;\n‸\n    return 1;\n  }\n}\n',
    ['  f() {', '  get f() {', '  private async f(x: X): Promise<void> {'],
    ['  b = 2;', '  f();', '  f() {}'],
  ],
  [
    'nothing is left unreachable',
    'function f(x) {\n  x = 1;\n‸\n  g(x);\n}\n',
    ['  x = 2;', '  if (x) return 1;'],
    ['  return 2;', '  throw x;'],
  ],
  [
    'the rest of a line closes what it has opened',
    'const x = f(a, ‸\nconst y = 2;\n',
    ['b);', '[b]);', '{ b });', "'(');", '`)`);'],
    ['b;', 'b];', 'b));'],
  ],
];

describe('the shape of a fill', () => {
  const suites = { python, javascript: typescript.slice(0, 7), typescript };
  for (const [languageId, rows] of Object.entries(suites)) {
    for (const [says, code, fitting, not] of rows) {
      it(`${says} (${languageId})`, () => {
        const fits = fitsAt(languageId, code);
        assert.deepEqual(
          { fits: fitting.filter((fill) => !fits(fill)), not: not.filter(fits) },
          { fits: [], not: [] },
        );
      });
    }
  }
});
