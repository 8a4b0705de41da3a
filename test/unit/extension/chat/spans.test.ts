import { strict as assert } from 'node:assert';
import {
  checkInfillWish,
  infillParams,
  joinedText,
  limits,
  type InfillWish,
} from '../../../../src/extension/chat/spans';
import type { FillResult } from '../../../../src/protocol/messages';
import { expectError } from '../../../support/expectError';

function result(...texts: string[]): FillResult {
  const fills = texts.map((text) => ({ text, tokens: [], confidence: 0.5 }));
  return { fills, steps: 1, forwards: 1, elapsedMs: 1, forwardMs: 1, queueMs: 0 };
}
const check = (input: unknown) => checkInfillWish(input, 'Cannot fill the gaps');

describe('the input of the tool', () => {
  const wrong: [what: string, input: unknown, found: RegExp][] = [
    ['nothing', undefined, /input is no object/],
    ['a list', [], /input is no object/],
    ['no text', {}, /"text" is no string/],
    ['a number for a text', { text: 3 }, /"text" is no string/],
    ['no gap', { text: 'a = 1' }, /holds no <fill>/],
    ['no gap of its own mark', { text: 'a = <fill>', mark: '___' }, /holds no ___/],
    ['too much text', { text: `<fill>${'x'.repeat(limits.text)}` }, /has 40006 characters/],
    ['too many gaps', { text: '<fill> '.repeat(17) }, /holds 17 gaps/],
    ['an empty mark', { text: 'a', mark: '' }, /"mark" is no text/],
    ['a blank mark', { text: 'a b', mark: ' ' }, /"mark" is no text/],
    ['a mark that is no text', { text: 'a', mark: 1 }, /"mark" is no text/],
    ['a language that is no text', { text: '<fill>', languageId: {} }, /"languageId" is no string/],
    ['a long instruction', { text: '<fill>', instruction: 'x'.repeat(1001) }, /"instruction"/],
    ['no tokens', { text: '<fill>', maxTokens: 0 }, /"maxTokens" is no integer from 1 to 256/],
    ['half a token', { text: '<fill>', maxTokens: 1.5 }, /"maxTokens"/],
    ['too many tokens', { text: '<fill>', maxTokens: 257 }, /"maxTokens"/],
  ];
  for (const [what, input, found] of wrong) {
    it(`may not be ${what}`, () => expectError(() => check(input), 'badInput', found));
  }

  it('keeps what it knows and drops what it does not', () => {
    const wish = check({ text: 'a ___', mark: '___', instruction: 'i', maxTokens: 4, other: 1 });
    assert.deepEqual(wish, { text: 'a ___', mark: '___', instruction: 'i', maxTokens: 4 });
  });
});

describe('a text with gaps', () => {
  const wish: InfillWish = { text: 'a = <fill>;\r\nb = <fill>', mark: '<fill>', languageId: 'js' };

  it('becomes parts in document order, with one gap for each mark', () => {
    const gap = { length: 'auto', minLength: 1 };
    const { parts, languageId } = infillParams(wish);
    assert.deepEqual(parts, [
      { text: 'a = ' },
      { gap },
      { text: ';\r\nb = ' },
      { gap },
      { text: '' },
    ]);
    assert.equal(languageId, 'js');
    assert.equal('instruction' in infillParams(wish), false);
  });

  it('bounds every gap where it is asked to', () => {
    const [, part] = infillParams({ ...wish, maxTokens: 5 }).parts;
    assert.deepEqual(part, { gap: { length: 'auto', minLength: 1, maxLength: 5 } });
  });

  it('comes back verbatim, with the fills in its own line ends', () => {
    assert.equal(joinedText(wish, result('1', '{\n}')), 'a = 1;\r\nb = {\r\n}');
  });

  it('takes no mark in a fill for a gap', () => {
    assert.equal(joinedText(wish, result('<fill>', '2')), 'a = <fill>;\r\nb = 2');
  });
});
