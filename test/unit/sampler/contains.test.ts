import assert from 'node:assert/strict';
import { infill } from '../../../src/sampler/infill';
import { seededRandom } from '../../../src/sampler/random';
import { mixedLogits } from '../../support/toyDenoiser';
import {
  blankId,
  gap,
  ids,
  maskId,
  modelOf,
  scripted,
  spelled,
  vocabSize,
} from '../../support/toyText';

const prefix = { text: 'return' };
const masks = (count: number) => new Array<number>(count).fill(maskId);
const blanks = (count: number) => new Array<number>(count).fill(blankId);

describe('a gap that must contain a text', () => {
  it('stands around it, a given length shared out with the odd token at the left', async () => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize));
    const parts = [prefix, gap({ length: 5, contains: 'ab' }), { text: '\n' }];
    const { fills } = await infill(parts, model);
    const canvas = [...ids('return'), ...masks(3), ...spelled('ab'), ...masks(2), ...ids('\n')];
    assert.deepEqual([...denoiser.requests[0]!.ids.slice(1)], canvas);
    const shape = fills[0]!.tokens.map(({ given }) => (given ? 'g' : '.')).join('');
    assert.equal(shape, '...gg..');
  });

  it('ends left of it where nothing more belongs there, and right of it', async () => {
    // From the gap's first slot on: 4 slots, the given `height`, 4 slots.
    const script = [...ids(' width'), ...blanks(3), 0, ...ids(' *', ';\n'), ...blanks(2)];
    const { model, denoiser } = modelOf(scripted(2, script), { blankId });
    const wish = { contains: 'height', maxLength: 8, singleLine: false };
    const { fills } = await infill([prefix, gap(wish), { text: 'x' }], model);
    assert.equal(fills[0]!.text, ' widthheight *;\n');
    assert.deepEqual(
      [...denoiser.requests[0]!.ids.slice(1)],
      [...ids('return'), ...masks(4), ...ids('height'), ...masks(4), ...spelled('x')],
    );
  });

  it('may hold nothing else', async () => {
    const script = [...blanks(4), 0, ...blanks(4)];
    const { model } = modelOf(scripted(2, script), { blankId });
    const wish = { contains: 'height', maxLength: 8, minLength: 1, singleLine: false };
    const { fills } = await infill([prefix, gap(wish), { text: 'x' }], model);
    assert.equal(fills[0]!.text, 'height');
    assert.ok(fills[0]!.confidence > 0.8 && fills[0]!.confidence < 1, 'how sure both ends are');
  });

  it('opens no more slots than the limit, even a limit of one', async () => {
    for (const traits of [{ blankId }, {}]) {
      for (const maxLength of [1, 2, 7]) {
        const { model } = modelOf(mixedLogits(vocabSize), traits);
        const { fills } = await infill([prefix, gap({ contains: 'ab', maxLength })], model);
        const written = fills[0]!.tokens.filter(({ given }) => !given).length;
        assert.ok(written <= maxLength, `${written} of ${maxLength}`);
        assert.ok(fills[0]!.text.includes('ab'));
      }
    }
  });

  it('always holds it, whatever the model wants', async () => {
    const random = seededRandom(7);
    const texts = ['a', 'return', ' width', '😀', 'a\r\nb', '\n', '漢字', '------------'];
    for (let round = 0; round < 40; round++) {
      const contains = texts[round % texts.length]!;
      const length = random() < 0.5 ? 'auto' : 1 + Math.floor(random() * 6);
      const { model } = modelOf(mixedLogits(vocabSize), {
        ...(random() < 0.5 && { blankId }),
        trainedOnCharacterCuts: random() < 0.5,
      });
      const sampling = { temperature: random() < 0.5 ? 1 : 0, seed: round };
      const { fills } = await infill([prefix, gap({ length, contains })], model, { sampling });
      const wanted = contains.replace(/\r\n/g, '\n');
      assert.ok(fills[0]!.text.includes(wanted), JSON.stringify([contains, fills[0]!.text]));
      const given = fills[0]!.tokens.filter((token) => token.given).map(({ text }) => text);
      assert.equal(given.join(''), wanted);
    }
  });

  it('is no single line when what it must contain is not', async () => {
    const script = [...ids(';\n'), ...blanks(40)];
    const { model } = modelOf(scripted(2, script), { blankId });
    const { fills } = await infill([prefix, gap({ contains: 'a\nb' }), { text: ';' }], model);
    assert.ok(fills[0]!.text.startsWith(';\na\nb'), fills[0]!.text);
  });

  it('heals the word cut at its beginning', async () => {
    const { model } = modelOf(scripted(1, ids('return', ' * ')), { trainedOnCharacterCuts: false });
    const parts = [{ text: 'retu' }, gap({ length: 1, contains: ' * ' }), { text: ';\n' }];
    const { fills } = await infill(parts, model);
    assert.ok(fills[0]!.text.startsWith('rn'), fills[0]!.text);
    assert.ok(fills[0]!.text.endsWith(' * '), fills[0]!.text);
  });
});
