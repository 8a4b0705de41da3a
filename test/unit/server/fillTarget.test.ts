import assert from 'node:assert/strict';
import type { Part } from '../../../src/protocol/messages';
import { languageOf, parseTarget, partsOf } from '../../../src/server/commands/fillTarget';
import { expectError } from '../../support/expectError';

const gap = { length: 'auto' } as const;

describe('parseTarget', () => {
  const cases: [string, object][] = [
    ['src/a.ts:12:5', { file: 'src/a.ts', line: 12, column: 5 }],
    ['src/a.ts', { file: 'src/a.ts' }],
    ['C:\\src\\a.ts:1:2', { file: 'C:\\src\\a.ts', line: 1, column: 2 }],
    ['C:\\src\\a.ts', { file: 'C:\\src\\a.ts' }],
    ['a:b:1:2', { file: 'a:b', line: 1, column: 2 }],
    ['a.ts:12', { file: 'a.ts:12' }],
  ];
  for (const [argument, expected] of cases) {
    it(`reads ${argument}`, () => assert.deepEqual(parseTarget(argument), expected));
  }
});

describe('partsOf', () => {
  /** Gaps drawn as `¦`. */
  const check = (text: string, line: number | undefined, column: number, expected: string) => {
    const place = line === undefined ? { file: 'f' } : { file: 'f', line, column };
    assert.equal(draw(partsOf(text, place, { gap })), expected);
  };
  const draw = (parts: readonly Part[]) =>
    parts.map((part) => ('text' in part ? part.text : '¦')).join('');

  it('puts the gap before line and column, counted from 1', () => {
    check('ab\ncd', 1, 1, '¦ab\ncd');
    check('ab\ncd', 1, 3, 'ab¦\ncd');
    check('ab\ncd', 2, 2, 'ab\nc¦d');
    check('ab\ncd', 2, 3, 'ab\ncd¦');
    check('', 1, 1, '¦');
  });

  it('ends lines as VS Code does', () => {
    check('a\r\nb\rc\nd', 2, 2, 'a\r\nb¦\rc\nd');
    check('a\r\nb\rc\nd', 3, 1, 'a\r\nb\r¦c\nd');
    check('a\r\nb\rc\nd', 4, 2, 'a\r\nb\rc\nd¦');
    check('a\n', 2, 1, 'a\n¦');
  });

  it('makes a gap of every mark', () => {
    check('a<fill>b<fill>', undefined, 0, 'a¦b¦');
    check('<fill>', undefined, 0, '¦');
  });

  it('leaves no empty texts', () => {
    assert.deepEqual(partsOf('<fill>', { file: 'f' }, { gap }), [{ gap }]);
    assert.deepEqual(partsOf('', { file: 'f', line: 1, column: 1 }, { gap }), [{ gap }]);
  });

  it('names a line or column that does not exist', async () => {
    const at = (text: string, line: number, column: number) => () =>
      partsOf(text, { file: 'f', line, column }, { gap });
    await expectError(at('ab', 2, 1), 'badUsage', /line 2 does not exist, "f" has 1 line\b/);
    await expectError(at('ab', 0, 1), 'badUsage', /line 0 does not exist/);
    await expectError(at('ab', 1, 4), 'badUsage', /column 4 does not exist, .* 2 characters/);
    await expectError(at('a😀', 1, 3), 'badUsage', /inside a character/);
    await expectError(() => partsOf('ab', { file: 'f' }, { gap }), 'badUsage', /no <fill> mark/);
  });
});

describe('languageOf', () => {
  it('tells the language ids of VS Code', () => {
    assert.equal(languageOf('a/b.test.TS'), 'typescript');
    assert.equal(languageOf('x.py'), 'python');
    assert.equal(languageOf('constructor.constructor'), undefined);
    assert.equal(languageOf('Makefile'), undefined);
  });
});
