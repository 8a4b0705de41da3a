import { strict as assert } from 'node:assert';
import { isKept } from '../../../../src/extension/statistics/likeness';

describe('isKept()', () => {
  const cases: [what: string, accepted: string, now: string, kept: boolean][] = [
    ['untouched', 'return a + b;', 'return a + b;', true],
    ['a name changed', 'return a + b;', 'return a + c;', true],
    ['something typed into it', 'total += value', 'total += value * 2', true],
    ['written anew', 'return a + b;', 'throw new Error()', false],
    ['gone', 'return a + b;', '', false],
    ['exactly half gone', 'abcd', 'ab', false],
    ['just more than half there', 'abcde', 'abc', true],
  ];
  for (const [what, accepted, now, kept] of cases) {
    it(what, () => assert.equal(isKept(accepted, now), kept));
  }

  it('looks at the beginning of long texts only, in no time', () => {
    const long = 'x'.repeat(100_000);
    assert(isKept(long, `${long}y`));
    assert(!isKept(long, 'y'.repeat(100_000)));
  });
});
