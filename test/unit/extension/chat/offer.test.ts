import { strict as assert } from 'node:assert';
import {
  chatParams,
  estimatedTokens,
  offerOf,
  type Offer,
} from '../../../../src/extension/chat/offer';
import type { ModelInfo } from '../../../../src/protocol/messages';

const model: ModelInfo = {
  name: 'instruct',
  dir: '/m',
  architecture: 'llama',
  parameters: 7e9,
  vocabSize: 100,
  maxTokens: 2047,
  shift: true,
  maskId: 1,
  choosesLength: true,
  hasTokenizer: true,
  followsInstructions: true,
  chat: 'template',
  inlineThreshold: 0.5,
  weights: 'q8',
  device: 'cpu',
  loadMs: 1,
};
const reasonOf = (changed: Partial<ModelInfo> | undefined) => {
  const offer = offerOf(changed && { ...model, ...changed });
  return 'reason' in offer ? offer.reason : undefined;
};

describe('a model to chat with', () => {
  it('is one that was tuned to converse, and says what it is', () => {
    const offer = offerOf(model) as Offer;
    assert.match(offer.tooltip, /^An infill model: .* sees no earlier message and calls no tools/);
    assert.equal(offer.maxInputTokens + offer.maxOutputTokens, 2047);
  });

  it('is no other, and the reason says so', () => {
    assert.equal(reasonOf(undefined), 'no model is loaded');
    const { chat: _, ...infill } = model;
    const { reason } = offerOf({ ...infill, followsInstructions: true }) as { reason: string };
    assert.match(reason, /fills gaps and was not tuned/);
  });

  const offer = offerOf(model) as Offer;

  it('fills the gaps of the last message', () => {
    const { params, wish } = chatParams('Sum up\n```js\na = <fill>;\n```', offer);
    assert.equal(params.parts.length, 3);
    assert.equal(params.instruction, 'Sum up');
    assert.equal(wish?.languageId, 'javascript');
  });

  it('writes one text where nothing is marked, no longer than it has room', () => {
    const { params, wish } = chatParams('Write a loop', offer);
    assert.deepEqual(params.parts, [{ gap: { length: 'auto', minLength: 1, maxLength: 1024 } }]);
    assert.equal(params.instruction, 'Write a loop');
    assert.equal(wish, undefined);
  });

  it('counts tokens by their usual length', () => {
    assert.equal(estimatedTokens(''), 0);
    assert.equal(estimatedTokens('abcd'), 2);
  });
});
