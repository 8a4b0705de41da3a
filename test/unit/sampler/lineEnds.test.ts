import assert from 'node:assert/strict';
import { lineFed } from '../../../src/sampler/lineEnds';

describe('lineFed()', () => {
  const original = 'a\r\nb\rc\n\r\nd';
  const fed = lineFed(original);

  it('turns every line end to a line feed', () => assert.equal(fed.text, 'a\nb\nc\n\nd'));

  it('gives the range of each character in the original', () => {
    const pieces = [...fed.text].map((_, index) =>
      original.slice(fed.toOriginal(index), fed.toOriginal(index + 1)),
    );
    assert.deepEqual(pieces, ['a', '\r\n', 'b', '\r', 'c', '\n', '\r\n', 'd']);
  });

  it('finds the range of each character of the original, outward where it is half a line end', () => {
    const covered = [...original].map((_, index) =>
      fed.text.slice(fed.fromOriginal(index, 'start'), fed.fromOriginal(index + 1, 'end')),
    );
    assert.deepEqual(covered, ['a', '\n', '\n', 'b', '\n', 'c', '\n', '\n', '\n', 'd']);
  });
});
