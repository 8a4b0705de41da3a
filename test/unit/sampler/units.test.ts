import assert from 'node:assert/strict';
import { infill } from '../../../src/sampler/infill';
import { unitsOf } from '../../../src/sampler/units';
import { mixedLogits } from '../../support/toyDenoiser';
import { made, maskId, modelOf, tokenizer, vocabSize } from '../../support/toyText';

const texts = (units: ReturnType<typeof unitsOf>) => units.map(({ text }) => text);

describe('unitsOf()', () => {
  it('makes one unit a token, and of several tokens where one character takes them', () => {
    const units = unitsOf('return é😀;\n\ud800', tokenizer, maskId);
    assert.deepEqual(texts(units), ['return', ' ', 'é', '😀', ';', '\n', '\ud800']);
    assert.deepEqual(
      units.map(({ ids }) => ids.length),
      [1, 1, 2, 4, 1, 1, 3],
    );
    assert.deepEqual(
      units.map(({ start, end }) => [start, end]),
      [
        [0, 6],
        [6, 7],
        [7, 8],
        [8, 10],
        [10, 11],
        [11, 12],
        [12, 13],
      ],
    );
  });

  it('makes one unit of all where the tokenizer does not spell the text back', () => {
    const lossy = {
      ...tokenizer,
      encode: (text: string) => tokenizer.encode(text.trim(), 'middle'),
    };
    assert.deepEqual(texts(unitsOf(' a b ', lossy, maskId)), [' a b ']);
    assert.deepEqual(unitsOf('', lossy, maskId), []);
  });

  it('spells the mask with other tokens, so that what is kept never looks masked', async () => {
    const ordinary = made.idOf('height');
    const { model, denoiser } = modelOf(mixedLogits(vocabSize), { maskId: ordinary });
    const text = 'height = 1';
    const parts = [{ draft: { text, strength: 0.2, locks: [{ start: 0, end: 6 }] } }];
    const { fills } = await infill(parts, model);
    assert.ok(fills[0]!.text.startsWith('height'));
    assert.equal(denoiser.requests.at(-1)!.ids.filter((id) => id === ordinary).length, 1);
  });
});
