import assert from 'node:assert/strict';
import { createTokenizer } from '../../../src/tokenizer/tokenizer';
import { spellMaskId } from '../../../src/tokenizer/maskGuard';
import { byteTokenizer } from '../../support/byteTokenizer';

const made = byteTokenizer(
  ['return', ' x', '\n    ', '------------'],
  ['<|endoftext|>', '<|mask|>'],
);
const tokenizer = createTokenizer(made.json, {});

/** SentencePiece BPE as LLaMA's tokenizer.json has it: dummy space, byte fallback. */
const metaspace = createTokenizer(
  {
    version: '1.0',
    added_tokens: [
      { id: 0, content: '<unk>', special: true },
      { id: 1, content: '<s>', special: true },
    ],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      fuse_unk: true,
      byte_fallback: true,
      vocab: Object.fromEntries([
        ['<unk>', 0],
        ['<s>', 1],
        ...Array.from({ length: 256 }, (_, byte) => [
          `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
          2 + byte,
        ]),
        ['▁', 258],
        ['x', 259],
        ['▁x', 260],
        ['y', 261],
        ['=', 262],
      ]),
      merges: ['▁ x'],
    },
  },
  {},
);

describe('createTokenizer()', () => {
  it('round-trips any text byte by byte', () => {
    for (const text of ['return x\n    y', ' tab\t"é漢字🙂"\r\n\0', '']) {
      assert.equal(tokenizer.decode(tokenizer.encode(text, 'start')), text);
    }
  });

  it('reads special tokens in user text as ordinary characters', () => {
    const ids = [...tokenizer.encode('a<|mask|><|endoftext|>', 'start')];
    assert.ok(!ids.some((id) => tokenizer.specialIds.includes(id)), String(ids));
    assert.equal(tokenizer.decode(ids), 'a<|mask|><|endoftext|>');
  });

  it('gives special tokens no text of their own', () => {
    assert.equal(tokenizer.decode(tokenizer.specialIds), '');
  });

  it('makes lone surrogates well-formed instead of failing', () => {
    assert.equal(tokenizer.decode(tokenizer.encode('a\ud800', 'start')), 'a\ufffd');
  });

  it('puts the dummy space before a document only, never before its middle', () => {
    assert.deepEqual([...metaspace.encode('x=y', 'start')], [260, 262, 261]);
    assert.deepEqual([...metaspace.encode('x=y', 'middle')], [259, 262, 261]);
    assert.deepEqual([...metaspace.encode(' x', 'middle')], [260]);
    assert.deepEqual([...metaspace.encode('\nx', 'middle')], [2 + 10, 259]);
  });

  it('spells SentencePiece bytes and spaces', () => {
    assert.equal(metaspace.decode([260, 262, 2 + 0xc3, 2 + 0xa9]), ' x=é');
  });

  it('refuses damaged vocabularies with advice', () => {
    const damaged: readonly [object, RegExp][] = [
      [{ vocab: [['a', -1]] }, /an entry of its model.vocab is damaged.*Use a checkpoint/],
      [{ vocab: [['a', 'b']], unk_id: 0 }, /an entry of its model.vocab/],
      [{ vocab: { a: 2 ** 40 } }, /an entry of its model.vocab/],
      [{ vocab: { a: 0 } }, /its decoder is neither/],
    ];
    for (const [model, message] of damaged) {
      assert.throws(() => createTokenizer({ model }, {}), { code: 'badCheckpoint', message });
    }
    const added = { model: { vocab: { a: 0 } }, added_tokens: [{ id: -1, content: 'x' }] };
    assert.throws(() => createTokenizer(added, {}), /its added_tokens are damaged/);
  });
});

describe('spellMaskId()', () => {
  it('replaces the mask id by tokens of the same bytes', () => {
    const maskId = made.idOf('return');
    const ids = tokenizer.encode('# return', 'start');
    assert.ok(ids.includes(maskId));
    const guarded = spellMaskId(ids, maskId, tokenizer);
    assert.ok(!guarded.includes(maskId));
    assert.equal(tokenizer.decode(guarded), '# return');
  });

  it('returns the very same array when there is nothing to do', () => {
    const ids = tokenizer.encode('return', 'start');
    assert.equal(spellMaskId(ids, 9999, tokenizer), ids);
  });
});
