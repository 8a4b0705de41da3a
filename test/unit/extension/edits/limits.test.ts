import { strict as assert } from 'node:assert';
import { checkRoom, mostTokensOf, seamReachOf } from '../../../../src/extension/edits/limits';
import type { LacunaError } from '../../../../src/protocol/errors';

describe('checkRoom()', () => {
  const room = { doing: 'Cannot regenerate', maxTokens: 512 };

  it('lets through what some tokenizer might fit', () => checkRoom(512 * 12, 200, room));

  it('refuses a whole file, with sizes and advice', () => {
    assert.throws(
      () => checkRoom(150_000, 5000, room),
      ({ code, message }: LacunaError) =>
        code === 'contextTooLong' &&
        /^Cannot regenerate: .*150,000 characters in 5,000 lines.*512 tokens.*\. Select less/.test(
          message,
        ),
    );
  });
});

describe('seamReachOf()', () => {
  it('shares a part of the canvas between the seams', () => {
    assert.equal(seamReachOf(512, 2), 614);
    assert.equal(seamReachOf(512, 3), 307);
    assert.equal(seamReachOf(512, 1), 614);
  });
});

describe('mostTokensOf()', () => {
  it('leaves a few gaps to their places, and shares half the canvas among many', () => {
    assert.equal(mostTokensOf(512, 1), undefined);
    assert.equal(mostTokensOf(512, 4), undefined);
    assert.equal(mostTokensOf(512, 20), 12);
    assert.equal(mostTokensOf(512, 1000), 1);
  });
});
