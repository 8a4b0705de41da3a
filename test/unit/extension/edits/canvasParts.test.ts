import { strict as assert } from 'node:assert';
import {
  canvasParts,
  innerCharacters,
  type CanvasDocument,
} from '../../../../src/extension/edits/canvasParts';
import type { Target } from '../../../../src/extension/edits/target';
import { firstWish } from '../../../../src/extension/edits/wish';

/** `[x]` is a draft, `<x>` a gap; the marks are not in the text. */
function documentOf(marked: string, options: Partial<CanvasDocument> = {}): CanvasDocument {
  const targets: Target[] = [];
  let text = '';
  for (const piece of marked.split(/(\[[^\]]*\]|<[^>]*>)/)) {
    const kind = piece.startsWith('[') ? 'draft' : piece.startsWith('<') ? 'gap' : undefined;
    const original = kind ? piece.slice(1, -1) : piece;
    const range = { start: text.length, end: text.length + original.length };
    const id = targets.length;
    if (kind) targets.push({ id, uri: 'a', kind, original, range, status: 'open' });
    text += original;
  }
  const source = {
    length: text.length,
    slice: (start: number, end: number) => text.slice(start, end),
  };
  return { source, languageId: 'python', targets, locks: [], defaultLocks: [], ...options };
}

const wish = firstWish({ strength: 40 });
const gap = { gap: { length: 'auto', minLength: 1 } };
const draft = (text: string, more = {}) => ({
  draft: { text, strength: 0.4, order: 'least-confident', ...more },
});

describe('canvasParts()', () => {
  it('is the document in its own order', () => {
    const parts = canvasParts([documentOf('a = <>; [b c]\r\nd <>')], wish, { seamReach: 0 });
    assert.deepEqual(parts, [
      { text: 'a = ' },
      gap,
      { text: '; ' },
      draft('b c'),
      { text: '\r\nd ' },
      gap,
      { text: '' },
    ]);
  });

  it('leaves out what a gap replaces', () => {
    const parts = canvasParts([documentOf('a\n<# fill>\nb')], wish, { seamReach: 0 });
    assert.deepEqual(parts, [{ text: 'a\n' }, gap, { text: '\nb' }]);
  });

  it('gives drafts line feeds, and locks as ranges of those', () => {
    const document = documentOf('x\r\n[a\r\nb\r\nkeep]', { locks: [{ start: 9, end: 13 }] });
    assert.deepEqual(canvasParts([document], wish, { seamReach: 0 })[1], draft('a\nb\nkeep', { locks: [{ start: 4, end: 8 }] })); // prettier-ignore
  });

  it('cuts a lock at the borders of the draft', () => {
    const document = documentOf('ab[cd]ef[gh]', { locks: [{ start: 1, end: 3 }, { start: 4, end: 99 }] }); // prettier-ignore
    const [, first, , second] = canvasParts([document], wish, { seamReach: 0 });
    assert.deepEqual(first, draft('cd', { locks: [{ start: 0, end: 1 }] }));
    assert.deepEqual(second, draft('gh', { locks: [{ start: 0, end: 2 }] }));
  });

  it('says growth and bounds only where they were asked for', () => {
    const bounds = new Map([[0, { minLength: 4, maxLength: 8 }]]);
    const parts = canvasParts(
      [documentOf('<>[a]')],
      { ...wish, growth: 2, bounds },
      { seamReach: 0 },
    );
    assert.deepEqual(parts[1], { gap: { length: 'auto', minLength: 4, maxLength: 8 } });
    assert.deepEqual(parts[3], draft('a', { growth: 2 }));
  });

  it('bounds every gap where there are many, unless it was asked to be longer', () => {
    const bounds = new Map([[1, { minLength: 9, maxLength: 18 }]]);
    const parts = canvasParts([documentOf('<><>')], { ...wish, bounds }, { seamReach: 0, maxLength: 8 }); // prettier-ignore
    assert.deepEqual(parts[1], { gap: { length: 'auto', minLength: 1, maxLength: 8 } });
    assert.deepEqual(parts[3], { gap: { length: 'auto', minLength: 9, maxLength: 18 } });
  });

  it('says what a gap must contain', () => {
    const document = documentOf('a<>b');
    const targets = [{ ...document.targets[0]!, contains: 'x\ny' }];
    const [, part] = canvasParts([{ ...document, targets }], wish, { seamReach: 0 });
    assert.deepEqual(part, { gap: { length: 'auto', minLength: 1, contains: 'x\ny' } });
  });

  it('keeps near text between two documents, and a line end', () => {
    const lines = 'line\n'.repeat(100);
    const parts = canvasParts(
      [documentOf(`${lines}<>${lines}`), documentOf(`${lines}<>no line end`)],
      wish,
      { seamReach: 90 },
    );
    const texts = parts.flatMap((part) => ('text' in part ? [part.text] : []));
    assert.deepEqual(
      texts.map(({ length }) => length),
      [500, 30, 55, 11],
    );
    assert(texts[1]!.endsWith('\n'));
    assert.deepEqual(
      canvasParts([documentOf('<>a'), documentOf('<>')], wish, { seamReach: 90 })[2],
      {
        text: 'a\n',
      },
    );
  });

  it('counts what must stay on the canvas', () => {
    assert.equal(innerCharacters([documentOf('before<old>ab[cde]behind')], 50), 2 + 3);
    assert.equal(innerCharacters([documentOf('<>'), documentOf('<>')], 50), 50);
  });
});
