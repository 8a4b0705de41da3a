/** Variants that part from the first run where it was least decided, ranked by what suits the text behind. */
import assert from 'node:assert/strict';
import type { FillStep, Part } from '../../../src/protocol/messages';
import { infill, type InfillOptions } from '../../../src/sampler/infill';
import type { ModelTraits } from '../../../src/sampler/traits';
import { mixedLogits, type ToyLogits } from '../../support/toyDenoiser';
import { blankId, gap, made, maskId, modelOf, spelled, vocabSize } from '../../support/toyText';

const [a, b, c, y] = spelled('abcy') as [number, number, number, number];
/** Language token, x, then the gap from position 2 on. */
const partsWith = (wish: object): Part[] => [{ text: 'x' }, gap(wish), { text: 'y' }];
const rowOf = (wanted: ReadonlyMap<number, number>) =>
  Array.from({ length: vocabSize }, (_, id) => wanted.get(id) ?? 0);

async function run(
  logits: ToyLogits,
  parts: readonly Part[],
  options: InfillOptions = {},
  traits: Partial<ModelTraits> = {},
) {
  const { model, denoiser } = modelOf(logits, { fromLeft: true, ...traits });
  const result = await infill(parts, model, { variants: 4, rank: 'fit', ...options });
  const texts = [result.fills, ...(result.alternatives ?? [])].map(([fill]) => fill!.text);
  return { ...result, texts, denoiser };
}

describe('variants ranked by fit', () => {
  /** Would rather write an a; the y behind follows from a b alone. */
  const follows: ToyLogits = (row, seen) =>
    row === 1
      ? rowOf(new Map([[a, 6], [b, 5.5], [c, 5]])) // prettier-ignore
      : rowOf(new Map([[y, seen.get(row) === b ? 9 : -3]]));

  it('put the answer first that the text behind follows from', async () => {
    const { texts } = await run(follows, partsWith({ length: 1 }));
    assert.equal(texts[0], 'b');
    assert.deepEqual(texts.slice(1, 3), ['a', 'c']);
  });

  it('ask each different answer once, and count it', async () => {
    const { texts, forwards, denoiser } = await run(follows, partsWith({ length: 1 }));
    const asked = denoiser.requests.filter(({ wantLogits }) => wantLogits);
    assert.equal(asked.length, texts.length);
    assert.ok(asked.every(({ ids }) => ids.at(-1) === maskId));
    assert.equal(forwards, denoiser.requests.length);
    assert.equal(denoiser.liveCaches, 0);
  });

  it('show the steps of the first run, which is the one that comes without them', async () => {
    const shown: FillStep[][] = [[], []];
    const options = (at: number) => ({ onStep: (step: FillStep) => void shown[at]!.push(step) });
    await run(follows, partsWith({ length: 1 }), options(0));
    await run(follows, partsWith({ length: 1 }), { ...options(1), variants: 1 });
    assert.deepEqual(shown[0], shown[1]);
  });

  it('end a gap later where that suits what stands behind', async () => {
    const logits: ToyLogits = (row, seen) => {
      if (row === 1) return rowOf(new Map([[a, 9]]));
      if (seen.get(row) === a) return rowOf(new Map([[blankId, 7], [b, 6.5]])); // prettier-ignore
      return rowOf(seen.get(row) === b ? new Map([[blankId, 8], [y, 7]]) : new Map()); // prettier-ignore
    };
    const { texts } = await run(logits, partsWith({ maxLength: 4 }), {}, { blankId });
    assert.equal(texts[0], 'ab');
    assert.ok(texts.includes('a'), 'the first run ended there');
  });

  it('end a gap earlier where that suits what stands behind', async () => {
    const logits: ToyLogits = (row, seen) => {
      if (row === 1) return rowOf(new Map([[a, 9]]));
      if (seen.get(row) === a) return rowOf(new Map([[b, 7], [blankId, 6.5], [y, 5]])); // prettier-ignore
      return rowOf(seen.get(row) === b ? new Map([[blankId, 9], [y, -9]]) : new Map()); // prettier-ignore
    };
    const { texts } = await run(logits, partsWith({ maxLength: 4 }), {}, { blankId });
    assert.equal(texts[0], 'a');
    assert.ok(texts.includes('ab'), 'the first run went on');
  });

  it('are the same for the same request, and need no suffix', async () => {
    for (const parts of [partsWith({ maxLength: 6 }), partsWith({ maxLength: 6 }).slice(0, 2)]) {
      const [one, two] = [
        await run(mixedLogits(vocabSize), parts, {}, { blankId }),
        await run(mixedLogits(vocabSize), parts, {}, { blankId }),
      ];
      assert.deepEqual(one.texts, two.texts);
      assert.equal(new Set(one.texts).size, one.texts.length);
      assert.ok(one.texts.length > 1);
    }
  });

  it('keep their lengths, their locks and what a gap must contain', async () => {
    const draft = { text: 'cab', strength: 1, locks: [{ start: 1, end: 2 }] };
    const parts = [{ draft }, gap({ length: 3, contains: 'y' }), { text: 'x' }];
    const { model } = modelOf(mixedLogits(vocabSize));
    const { fills, alternatives } = await infill(parts, model, { variants: 6, rank: 'fit' });
    for (const answer of [fills, ...alternatives!]) {
      assert.equal(answer[0]!.tokens.length, 3);
      assert.equal(answer[0]!.tokens[1]!.text, 'a');
      assert.equal(answer[1]!.tokens.filter(({ given }) => given).length, 1);
    }
  });

  it('are drawn with seeds where the temperature is above 0, or gaps grow', async () => {
    const warm = { sampling: { temperature: 1 } };
    const parts = partsWith({ length: 3 });
    const [fit, sure] = [
      await run(mixedLogits(vocabSize), parts, warm),
      await run(mixedLogits(vocabSize), parts, { ...warm, rank: 'confidence' }),
    ];
    assert.deepEqual(new Set(fit.texts), new Set(sure.texts));
    const growing = { expandId: made.idOf('<|ts|>'), deleteId: made.idOf('<|endoftext|>') };
    const { texts, denoiser } = await run(mixedLogits(vocabSize), partsWith({}), {}, growing);
    assert.ok(texts.length > 1);
    assert.equal(denoiser.liveCaches, 0);
  });

  it('stop when aborted, and free what they share', async () => {
    const abort = new AbortController();
    const { model, denoiser } = modelOf((row, seen) => {
      if (denoiser.requests.length === 3) abort.abort();
      return follows(row, seen);
    });
    const options = { variants: 4, rank: 'fit', signal: abort.signal } as const;
    const filling = infill(partsWith({ length: 1 }), model, options);
    await assert.rejects(filling, { name: 'AbortError' });
    assert.equal(denoiser.liveCaches, 0);
  });
});
