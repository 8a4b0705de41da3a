import { strict as assert } from 'node:assert';
import { Proposals, type Proposal } from '../../../../src/extension/edits/proposals';
import { firstWish } from '../../../../src/extension/edits/wish';

const proposal = (...texts: string[]): Proposal =>
  new Map(texts.map((text, id) => [id, { text, tokens: [], confidence: 1 }]));
const textsOf = (proposals: Proposals) =>
  proposals.batch?.variants.map((variant) => [...variant.values()].map(({ text }) => text).join());
const current = (proposals: Proposals) => proposals.current?.get(0)?.text;

describe('Proposals', () => {
  const wish = firstWish();
  let proposals: Proposals;
  beforeEach(() => {
    proposals = new Proposals();
  });

  it('begins with none', () => {
    assert.equal(proposals.current, undefined);
    assert.equal(proposals.canUndo, false);
    proposals.undo();
    proposals.choose(1);
  });

  it('shows the first, and goes round', () => {
    proposals.add(wish, [proposal('a'), proposal('b'), proposal('c')], true);
    assert.equal(current(proposals), 'a');
    proposals.cycle(-1);
    assert.equal(current(proposals), 'c');
    proposals.cycle(1);
    proposals.cycle(1);
    assert.equal(current(proposals), 'b');
  });

  it('keeps each variant once', () => {
    proposals.add(wish, [proposal('a', 'b'), proposal('a', 'b'), proposal('a', 'c')], true);
    assert.deepEqual(textsOf(proposals), ['a,b', 'a,c']);
  });

  it('goes back and forgets what came after', () => {
    proposals.add(wish, [proposal('a'), proposal('b')], true);
    proposals.cycle(1);
    proposals.add({ ...wish, strength: 80 }, [proposal('c')], false);
    assert.equal(current(proposals), 'c');
    assert(proposals.canUndo);
    proposals.undo();
    assert.equal(current(proposals), 'b');
    assert.equal(proposals.batch?.wish.strength, 60);
    proposals.undo();
    assert.equal(current(proposals), 'b');
  });

  it('shows first what was not proposed before', () => {
    proposals.add(wish, [proposal('a')], false);
    assert(proposals.add(wish, [proposal('a'), proposal('b')], true));
    assert.deepEqual(textsOf(proposals), ['b', 'a']);
  });

  it('adds nothing where all is what is shown', () => {
    proposals.add(wish, [proposal('a'), proposal('b')], true);
    assert(!proposals.add(wish, [proposal('a'), proposal('a')], true));
    assert.equal(proposals.canUndo, false);
  });

  it('shows again what another wish had brought', () => {
    proposals.add(wish, [proposal('a')], false);
    proposals.add({ ...wish, strength: 80 }, [proposal('b')], false);
    assert(proposals.add({ ...wish, strength: 40 }, [proposal('a')], false));
    assert.equal(current(proposals), 'a');
    assert.equal(proposals.batch?.wish.strength, 40);
  });

  it('takes further variants into the present batch', () => {
    proposals.add(wish, [proposal('a')], false);
    proposals.extend([proposal('a'), proposal('b')]);
    assert.deepEqual(textsOf(proposals), ['a', 'b']);
    assert.equal(current(proposals), 'a');
    assert(proposals.batch?.isComplete);
  });

  it('compares only what both answer', () => {
    proposals.add(wish, [proposal('a', 'b')], false);
    const withoutFirst = new Map([[1, { text: 'b', tokens: [], confidence: 1 }]]);
    assert(!proposals.add(wish, [withoutFirst], true));
  });
});
