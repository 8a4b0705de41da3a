/** XLM-R's tokenizer from its SentencePiece file: ids moved, seams in running text, no specials in text. */
import assert from 'node:assert/strict';
import { sentencePieceJson } from '../../../src/model/sentencePiece';
import { createTokenizer } from '../../../src/tokenizer/tokenizer';
import { sentencePieceFile, smallPieces } from '../../support/sentencePieceFile';

describe('a Unigram tokenizer', () => {
  const json = sentencePieceJson('x.model', sentencePieceFile(smallPieces));
  const tokenizer = createTokenizer(json, { unk_token: '<unk>', mask_token: '<mask>' });
  const vocab = (json.model as { vocab: [string, number][] }).vocab;
  const idOf = (piece: string) => vocab.findIndex(([text]) => text === piece);
  const pieces = (text: string, at: 'start' | 'middle') =>
    [...tokenizer.encode(text, at)].map((id) => vocab[id]![0]);

  it("has XLM-R's order: four specials, the pieces one later than in the file, the mask last", () => {
    assert.deepEqual(vocab.slice(0, 5), [
      ['<s>', 0],
      ['<pad>', 0],
      ['</s>', 0],
      ['<unk>', 0],
      ['▁', -4],
    ]);
    assert.equal(idOf('<mask>'), vocab.length - 1);
    assert.equal(tokenizer.size, smallPieces.length + 5);
    assert.deepEqual(tokenizer.specialIds, [0, 1, 2, 3, vocab.length - 1]);
  });

  it('takes the pieces whose scores sum to the most', () => {
    assert.deepEqual(pieces('return the values', 'start'), ['▁return', '▁the', '▁value', 's']);
  });

  it('puts no space where a text goes on', () => {
    assert.deepEqual(pieces('return', 'middle'), ['return']);
    assert.deepEqual(pieces(' return', 'middle'), ['▁return']);
    assert.deepEqual(pieces('(the', 'middle')[0], '(');
  });

  it('keeps the space at the end of a text, for the gap that follows', () => {
    assert.deepEqual(pieces('return ', 'start'), ['▁return', '▁']);
    assert.deepEqual(pieces('return\n', 'start'), ['▁return', '▁']);
  });

  it('gives bytes that join to the text', () => {
    assert.equal(tokenizer.decode(tokenizer.encode(' return values', 'middle')), ' return values');
    assert.equal(tokenizer.decode([idOf('<s>'), idOf('the'), idOf('<mask>')]), 'the');
  });

  it('never reads a special token from text', () => {
    for (const text of ['<mask>', 'return </s> the', '<s><pad>']) {
      const ids = [...tokenizer.encode(text, 'start')];
      assert.ok(!ids.some((id) => [0, 1, 2, vocab.length - 1].includes(id)), text);
    }
  });

  it('knows what is no such file', () => {
    const bpe = sentencePieceFile(smallPieces, 2);
    assert.throws(() => sentencePieceJson('x.model', bpe), /not Unigram/);
    const cut = sentencePieceFile(smallPieces).subarray(0, 50);
    assert.throws(() => sentencePieceJson('x.model', cut), /no SentencePiece model/);
    assert.throws(() => sentencePieceJson('x.model', new Uint8Array()), /it has 0 pieces/);
  });
});
