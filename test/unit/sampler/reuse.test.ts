/** A context that survives from request to request: what is run again, what is not, and when all is. */
import assert from 'node:assert/strict';
import { infill } from '../../../src/sampler/infill';
import { ContextStore } from '../../../src/sampler/keptContext';
import { baseTraits, blankId, gap, made, maskId, modelOf } from '../../support/toyText';
import { mixedLogits, type ToyLogits } from '../../support/toyDenoiser';

/** Ends most gaps soon, and depends on every token that is seen. */
const logits: ToyLogits = (position, seen) => {
  const row = Array.from(mixedLogits(made.vocabSize)(position, seen));
  if (position % 3 === 0) row[blankId]! += 9;
  return row;
};
const before = 'abcdefghijklmnopqrst';
const after = 'uvwxyz0123456789\n';

function setUp() {
  const contexts = new ContextStore();
  const { model, denoiser } = modelOf(logits, { blankId });
  /** Types `typed` at the cursor; the requests that it takes, the canvas last. */
  const ask = async (typed: string, suffix = after, prefix = before) => {
    denoiser.requests.length = 0;
    const parts = [{ text: prefix + typed }, gap({ maxLength: 12 }), { text: suffix }];
    const { fills, forwards } = await infill(parts, model, { contexts });
    assert.equal(forwards, denoiser.requests.length);
    return { text: fills[0]!.text, first: denoiser.requests[0], requests: [...denoiser.requests] };
  };
  return { contexts, denoiser, ask };
}

const canvasLength = 1 + before.length + 12 + after.length;

describe('a context that survives the request', () => {
  it('serves what was typed since: only that and the gap are run', async () => {
    const { ask } = setUp();
    const full = await ask('');
    assert.equal(full.first!.ids.length, canvasLength);
    const next = await ask('AB');
    // The row before the old gap, the two typed tokens, and the slots that are left.
    assert.equal(next.first!.ids.length, 13);
    assert.deepEqual(
      [...next.first!.ids.slice(1)],
      [...[...'AB'].map((c) => made.idOf(c)), ...new Array<number>(10).fill(maskId)],
    );
    assert.equal(next.first!.past!.length, canvasLength - 13);
  });

  it('gives what a forward over that very canvas gives', async () => {
    // The toy sees tokens and not hidden states: its cache is never stale.
    const { ask } = setUp();
    await ask('');
    const reused = await ask('AB');
    const { denoiser, model } = modelOf(logits, { blankId });
    const parts = [{ text: `${before}AB` }, gap({ maxLength: 10 }), { text: after }];
    const { fills } = await infill(parts, model);
    assert.equal(denoiser.requests[0]!.ids.length, canvasLength);
    assert.equal(reused.text, fills[0]!.text);
  });

  it('takes the first prediction, too, where nothing has changed', async () => {
    const { ask } = setUp();
    const first = await ask('');
    const again = await ask('');
    assert.equal(again.text, first.text);
    assert.equal(again.requests.length, first.requests.length - 1);
  });

  it('lets go of tokens that are there no more, and of brackets that came', async () => {
    const { ask } = setUp();
    await ask('');
    const deleted = await ask('', after, before.slice(0, -2));
    assert.equal(deleted.first!.past!.length, canvasLength - 13 - 2);
    const closed = await ask('(', `)${after}`);
    assert.equal(closed.first!.past!.length, canvasLength - 13);
    assert.ok([...closed.first!.ids].includes(made.idOf(')')));
  });

  it('goes on where the gap may be shorter now: the slots behind it stay masks', async () => {
    const contexts = new ContextStore();
    const { model, denoiser } = modelOf(logits, { blankId });
    const parts = (typed: string, maxLength: number) => [
      { text: before + typed },
      gap({ maxLength }),
      { text: after },
    ];
    await infill(parts('', 12), model, { contexts });
    denoiser.requests.length = 0;
    const { fills } = await infill(parts('A', 6), model, { contexts });
    const [first] = denoiser.requests;
    assert.equal(first!.ids.length, 13);
    assert.equal([...first!.ids].filter((id) => id === maskId).length, 11);
    assert.ok(fills[0]!.tokens.length <= 6);
  });

  it('is made anew when too few slots are left, and elsewhere in the text', async () => {
    const { ask } = setUp();
    await ask('');
    assert.equal((await ask('ABCDEFG')).first!.past, undefined);
    assert.equal((await ask('', `${after}!!!!!!!!!!!!`, 'another text')).first!.past, undefined);
    assert.equal((await ask('', 'another suffix')).first!.past, undefined);
  });

  it('follows the text where its beginning does not fit on the canvas', async () => {
    const { ask } = setUp();
    const long = `${'0123456789'.repeat(12)}${before}`;
    const full = await ask('', after, long);
    assert.equal(full.first!.ids.length, baseTraits.maxTokens);
    const next = await ask('A', after, long);
    assert.equal(next.first!.ids.length, 13);
    assert.equal(next.first!.ids.length + next.first!.past!.length, baseTraits.maxTokens);
  });

  it('is freed with the last who uses it', async () => {
    const { ask, contexts, denoiser } = setUp();
    await ask('');
    await ask('AB');
    await ask('', after, before.slice(0, -2));
    await ask('', after, 'another text');
    assert.equal(denoiser.liveCaches, 1);
    contexts.clear();
    assert.equal(denoiser.liveCaches, 0);
  });

  it('is of no use to an exact request', async () => {
    const contexts = new ContextStore();
    const { model, denoiser } = modelOf(logits, { blankId });
    const parts = [{ text: before }, gap({ maxLength: 12 }), { text: after }];
    for (let time = 0; time < 2; time++) {
      await infill(parts, model, { contexts, sampling: { refreshEvery: 1 } });
    }
    assert.ok(denoiser.requests.every(({ past }) => past === undefined));
    assert.equal(contexts.last, undefined);
  });
});
