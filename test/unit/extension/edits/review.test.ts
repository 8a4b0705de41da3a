import { strict as assert } from 'node:assert';
import { Review } from '../../../../src/extension/edits/review';
import type { Target } from '../../../../src/extension/edits/target';
import { withHunks } from '../../../../src/extension/edits/textHunks';
import type { Fill } from '../../../../src/protocol/messages';

const fillOf = (text: string): Fill => ({ text, tokens: [], confidence: 1 });
const target = (original: string, more: Partial<Target> = {}): Target => ({
  id: 0,
  uri: 'a',
  kind: 'draft',
  range: { start: 0, end: original.length },
  status: 'open',
  original,
  ...more,
});

const before = 'one = 1\ntwo = 2\nthree = 3\n';
const after = 'one = 11\ntwo = 22\nthree = 33\n';

describe('Review', () => {
  it('keeps what is left when one is accepted, and says where that stands', () => {
    const review = new Review();
    const fill = fillOf(after);
    const hunks = review.openHunks(fill, target(before), after);
    assert.equal(hunks.length, 3);
    const draft = review.accept(fill, target(before), [hunks[1]!]);
    assert.equal(draft.original, 'one = 1\ntwo = 22\nthree = 3\n');
    assert.deepEqual(
      draft.accepted.map(({ start, end }) => draft.original.slice(start, end)),
      ['22'],
    );
    const rest = review.openHunks(fill, target(draft.original, draft), after);
    assert.equal(withHunks(draft.original, rest), after);
    const last = review.accept(fill, target(draft.original, draft), rest);
    assert.equal(last.original, after);
    assert.deepEqual(
      last.accepted.map(({ start, end }) => last.original.slice(start, end)).sort(),
      ['11', '22', '33'],
    );
    assert(!review.hasOpen(fill, target(after)));
  });

  it('forgets what is rejected, in this fill only', () => {
    const review = new Review();
    const [fill, other] = [fillOf(after), fillOf(after)];
    const hunks = review.openHunks(fill, target(before), after);
    review.openHunks(other, target(before), after);
    review.reject(fill, target(before), [hunks[0]!]);
    const rest = review.openHunks(fill, target(before), after);
    assert.equal(withHunks(before, rest), 'one = 1\ntwo = 22\nthree = 33\n');
    assert.equal(review.openHunks(other, target(before), after).length, 3);
  });

  it('lets no other fill change back what was accepted', () => {
    const review = new Review();
    const [fill, other] = [fillOf(after), fillOf('one = 5\nthree = 6\n')];
    const hunks = review.openHunks(fill, target(before), after);
    const draft = review.accept(fill, target(before), hunks.slice(0, 1));
    const open = review.openHunks(other, target(draft.original, draft), other.text);
    assert.equal(withHunks(draft.original, open), 'one = 11\nthree = 6\n');
  });

  it('does not bring back what was accepted to go', () => {
    const review = new Review();
    const fill = fillOf('a\nc\n');
    const hunks = review.openHunks(fill, target('a\nb\nc\n'), fill.text);
    const draft = review.accept(fill, target('a\nb\nc\n'), hunks);
    assert.equal(draft.original, 'a\nc\n');
    const again = review.openHunks(fillOf('a\nb\nc\n'), target(draft.original, draft), 'a\nb\nc\n');
    assert.deepEqual(again, []);
  });
});
