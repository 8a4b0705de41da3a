import { strict as assert } from 'node:assert';
import { drawFill, drawStep, mostPieces, stepText } from '../../../../src/extension/edits/pieces';

const token = (text: string, given = false) => ({
  text,
  confidence: 1,
  ...(given && { given: true as const }),
});
const fill = (...tokens: ReturnType<typeof token>[]) => ({
  text: tokens.map(({ text }) => text).join(''),
  tokens,
  confidence: 1,
});

describe('drawStep()', () => {
  it('draws masks as blocks and fresh tokens apart', () => {
    const drawn = drawStep([{}, {}, { text: ' = ' }, { text: 'b', fresh: true }, {}]);
    assert.deepEqual(drawn, {
      pieces: [
        { kind: 'mask', text: '▒▒' },
        { kind: 'committed', text: ' = ' },
        { kind: 'fresh', text: 'b' },
        { kind: 'mask', text: '▒' },
      ],
      moreLines: 0,
    });
  });

  it('stops at the first line end and counts the others', () => {
    const drawn = drawStep([{ text: 'a' }, { text: ';\n\n' }, {}, { text: '\n' }]);
    assert.deepEqual(drawn, { pieces: [{ kind: 'committed', text: 'a;' }], moreLines: 3 });
  });

  it('is as text what it is', () => {
    assert.equal(stepText([{ text: 'a\n' }, {}, {}]), 'a\n▒▒');
    assert.equal(stepText([]), '');
  });
});

describe('drawFill()', () => {
  it('tells what was there before from what is new', () => {
    const drawn = drawFill(fill(token('a', true), token(' + '), token('b')), 'a + b');
    assert.deepEqual(drawn.pieces, [
      { kind: 'given', text: 'a' },
      { kind: 'committed', text: ' + b' },
    ]);
  });

  it('shows what is written where the tokens do not spell it', () => {
    const drawn = drawFill(fill(token('\ta'), token('\n')), '  a');
    assert.deepEqual(drawn, { pieces: [{ kind: 'committed', text: '  a' }], moreLines: 0 });
  });

  it('minds no CRLF', () => {
    const drawn = drawFill(fill(token('a', true), token('\nb')), 'a\r\nb');
    assert.deepEqual(drawn, { pieces: [{ kind: 'given', text: 'a' }], moreLines: 1 });
  });

  it('is nothing for an empty fill', () => {
    assert.deepEqual(drawFill(fill(), ''), { pieces: [], moreLines: 0 });
  });

  it('cuts what is wider than a glance, in whatever many pieces', () => {
    const wide = drawFill(fill(token('x'.repeat(500))), 'x'.repeat(500));
    assert.equal(wide.pieces[0]!.text.length, 121);
    assert(wide.pieces[0]!.text.endsWith('…'));
    const many = Array.from({ length: 100 }, (_, index) => token('x', index % 2 === 0));
    const drawn = drawFill(fill(...many), 'x'.repeat(100));
    assert.equal(drawn.pieces.length, mostPieces);
    assert(drawn.pieces.at(-1)!.text.endsWith('…'));
  });
});
