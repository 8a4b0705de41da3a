import assert from 'node:assert/strict';
import { mostTokens, resolveWish } from '../../../src/sampler/place';

/** The gap is the bar: `return |;`. */
function wishAt(picture: string, wish = {}) {
  const [before, after] = picture.split('|') as [string, string];
  const { singleLine, maxLength } = resolveWish({ length: 'auto', ...wish }, before, after);
  return { singleLine, maxLength };
}

describe('resolveWish()', () => {
  const block = { singleLine: false, maxLength: mostTokens.block };
  const lineEnd = { singleLine: true, maxLength: mostTokens.lineEnd };
  const midLine = { singleLine: true, maxLength: mostTokens.midLine };

  for (const [picture, expected] of [
    ['function f() {\n  |\n}\n', block],
    ['function f() {|}', block],
    ['const f = () => |', block],
    ['def f():|', block],
    ['  return |', lineEnd],
    ['  return |\n}', lineEnd],
    ['  return |;', midLine],
    ['call(|, b)', midLine],
    ['    |x = 1', midLine],
    ['|', block],
  ] as const) {
    it(JSON.stringify(picture), () => assert.deepEqual(wishAt(picture), expected));
  }

  it('leaves what the caller said', () => {
    assert.deepEqual(wishAt('  return |;', { singleLine: false, maxLength: 7 }), {
      singleLine: false,
      maxLength: 7,
    });
  });

  it('puts no bound on the lines of a gap whose length is given', () => {
    assert.equal(wishAt('  return |;', { length: 3 }).singleLine, false);
  });
});
