import { strict as assert } from 'node:assert';
import { runsInCircle, unrolled } from '../../../../src/extension/ghostText/repetition';

const circles = [
  'return a;\nreturn a;\nreturn a;',
  '  a += 1\n  a += 1\n  a += 1\n  b()',
  'the the the the the the the',
  'foo(foo(foo(foo(foo(foo(foo(',
  'self.self.self.self.self.self.self.',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'x = 1; x = 1; x = 1; x = 1; x = 1; ',
];

const straight = [
  'return a;',
  'a += 1\na += 1\nb += 1',
  '0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0',
  '// ----------------------------------------',
  '}\n}\n}\n}',
  '    }\n  }\n}',
  '\n\n\n\n',
  'a, a, a, a',
  'x.a = a;\nx.b = b;\nx.c = c;\nx.d = d;',
  'No, no, no, no.',
];

describe('runsInCircle()', () => {
  for (const fill of circles) it(`sees ${JSON.stringify(fill)}`, () => assert(runsInCircle(fill)));
  for (const fill of straight) {
    it(`lets ${JSON.stringify(fill)} pass`, () => assert(!runsInCircle(fill)));
  }
});

describe('unrolled()', () => {
  for (const [fill, once] of [
    ['x, y, y, y, y, y, y, y, y, y, y, y', 'x, y'],
    ['path.path.path.path.path.path.path.', 'path.'],
    ['a();\nb();\nb();\nb();\nb();', 'a();\nb();'],
    ['const a = [0, 0, 0, 0, 0, 0, 0, 0, 0];', 'const a = [0, 0, 0, 0, 0, 0, 0, 0, 0];'],
  ] as const) {
    it(JSON.stringify(fill), () => assert.equal(unrolled(fill), once));
  }
});
