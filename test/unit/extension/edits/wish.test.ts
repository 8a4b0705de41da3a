import { strict as assert } from 'node:assert';
import {
  changedWish,
  firstWish,
  samplingOf,
  type Sized,
  type WishChange,
} from '../../../../src/extension/edits/wish';

const draft: Sized = { id: 0, kind: 'draft', tokens: 10 };
const gap: Sized = { id: 1, kind: 'gap', tokens: 8 };
const press = (changes: WishChange[], sized: Sized[], from = firstWish()) =>
  changes.reduce((wish, change) => wish && changedWish(wish, change, sized)!, from);

describe('changedWish()', () => {
  it('counts attempts, each in random order', () => {
    const wish = press(['again', 'again'], [draft]);
    assert.equal(wish.attempt, 2);
    assert.equal(wish.order, 'random');
  });

  it('goes up and down in strength, to its limits', () => {
    assert.equal(press(['stronger'], [draft]).strength, 80);
    assert.equal(press(['stronger', 'stronger'], [draft]).strength, 100);
    assert.equal(press(['stronger', 'stronger', 'stronger'], [draft]), undefined);
    assert.equal(press(['weaker', 'weaker'], [draft]).strength, 20);
    assert.equal(press(['weaker'], [draft], firstWish({ strength: 20 })), undefined);
    assert.equal(press(['weaker'], [draft], firstWish({ strength: 5 })), undefined);
    assert.equal(press(['stronger'], [draft], firstWish({ strength: 0 })).strength, 20);
  });

  it('knows no strength of gaps', () => {
    assert.equal(press(['stronger'], [gap]), undefined);
    assert.equal(press(['stronger'], [gap, draft]).strength, 80);
  });

  it('grows a draft, and bounds the length of a gap', () => {
    const longer = press(['longer'], [draft, gap]);
    assert.equal(longer.growth, 1.25);
    assert.deepEqual(longer.bounds.get(1), { minLength: 10, maxLength: 20 });
    const shorter = press(['shorter'], [draft, gap]);
    assert.equal(shorter.growth, 0.8);
    assert.deepEqual(shorter.bounds.get(1), { minLength: 1, maxLength: 6 });
  });

  it('always changes a gap by a token, and never makes it empty', () => {
    assert.equal(press(['longer'], [{ ...gap, tokens: 1 }]).bounds.get(1)?.minLength, 2);
    assert.equal(press(['shorter'], [{ ...gap, tokens: 2 }]).bounds.get(1)?.maxLength, 1);
    assert.equal(press(['shorter'], [{ ...gap, tokens: 1 }]), undefined);
  });

  it('stops at the growth that the sampler takes', () => {
    assert.equal(press(['longer'], [draft], firstWish({ growth: 4 })), undefined);
    assert.equal(press(['shorter'], [draft], firstWish({ growth: 0.25 })), undefined);
  });

  it('leaves the wish before as it was', () => {
    const wish = firstWish();
    changedWish(wish, 'longer', [gap, draft]);
    assert.deepEqual(wish, firstWish());
  });
});

describe('samplingOf()', () => {
  it('leaves the first attempt to the settings', () => {
    assert.deepEqual(samplingOf(firstWish(), { steps: 4 }), { steps: 4 });
  });

  it('loosens another attempt, but not against the settings', () => {
    const wish = press(['again'], [draft]);
    assert.deepEqual(samplingOf(wish, {}), { temperature: 0.5, topP: 0.95, seed: 1 });
    assert.equal(samplingOf(wish, { temperature: 0 }).temperature, 0);
  });
});
