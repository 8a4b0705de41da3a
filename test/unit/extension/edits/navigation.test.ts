import { strict as assert } from 'node:assert';
import { hunkAt, hunkBeside } from '../../../../src/extension/edits/navigation';
import type { Target } from '../../../../src/extension/edits/target';

const gap = (uri: string, start: number, end = start): Target => ({
  id: start,
  uri,
  kind: 'gap',
  original: '',
  range: { start, end },
  status: 'open',
});
const gaps = [gap('a', 10, 14), gap('a', 30), gap('b', 5)];
const at = (uri: string, offset: number) => ({ uri, offset });

describe('hunkAt()', () => {
  it('is the gap that the cursor stands in or at', () => {
    assert.equal(hunkAt(gaps, at('a', 12)), 0);
    assert.equal(hunkAt(gaps, at('a', 14)), 0);
    assert.equal(hunkAt(gaps, at('a', 30)), 1);
    assert.equal(hunkAt(gaps, at('a', 15)), -1);
    assert.equal(hunkAt(gaps, at('b', 12)), -1);
    assert.equal(hunkAt(gaps, undefined), -1);
  });
});

describe('hunkBeside()', () => {
  const cases: [uri: string, offset: number, next: number, previous: number][] = [
    ['a', 0, 0, 2], // before the first
    ['a', 12, 1, 2], // in the first
    ['a', 20, 1, 0], // between two
    ['a', 30, 2, 0], // at the second
    ['a', 99, 0, 1], // behind the last of its document
    ['b', 5, 0, 1], // at the last
    ['c', 5, 0, 2], // elsewhere
  ];
  for (const [uri, offset, next, previous] of cases) {
    it(`from ${uri}:${offset}`, () => {
      assert.equal(hunkBeside(gaps, at(uri, offset), 1), next);
      assert.equal(hunkBeside(gaps, at(uri, offset), -1), previous);
    });
  }

  it('has nowhere to go without gaps', () => assert.equal(hunkBeside([], at('a', 0), 1), -1));
  it('starts at the first without a cursor', () => assert.equal(hunkBeside(gaps, undefined, 1), 0));
});
