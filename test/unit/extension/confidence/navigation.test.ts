import { strict as assert } from 'node:assert';
import { tokenAt, unsureBeside } from '../../../../src/extension/confidence/navigation';

/** Every token with its probability. */
function tokensOf(...given: [text: string, probability: number][]) {
  let end = 10;
  return given.map(([text, probability]) => {
    const start = end;
    end = start + text.length;
    return { start, end, text, probability, alternatives: [] };
  });
}

describe('unsureBeside()', () => {
  const tokens = tokensOf(
    ['const', 0.9], // 10
    [' a', 0.01], // 15
    [' =', 0.9], // 17
    ['\n  ', 0.01], // 19
    [' b', 0.1], // 22
    [';', 0.2], // 24
  );
  const cases: [what: string, cursor: number, step: 1 | -1, expected: string][] = [
    ['the first behind the cursor', 0, 1, ' a'],
    ['the next from one', 16, 1, ' b'],
    ['the first again from the last', 23, 1, ' a'],
    ['the one before', 24, -1, ' b'],
    ['the previous from one', 23, -1, ' a'],
    ['the last again from the first', 16, -1, ' b'],
  ];
  for (const [what, cursor, step, expected] of cases) {
    it(`goes to ${what}, over white space`, () => {
      assert.equal(unsureBeside(tokens, cursor, step)?.text, expected);
    });
  }

  it('goes nowhere where the model is sure', () => {
    assert.equal(unsureBeside(tokensOf(['a', 0.2]), 0, 1), undefined);
    assert.equal(unsureBeside([], 0, -1), undefined);
  });
});

describe('tokenAt()', () => {
  const tokens = tokensOf(['ab', 1], ['c', 1]);
  for (const [offset, index] of [
    [9, -1],
    [10, 0],
    [11, 0],
    [12, 1],
    [13, -1],
  ]) {
    it(`finds ${index} at ${offset}`, () => assert.equal(tokenAt(tokens, offset!), index));
  }
});
