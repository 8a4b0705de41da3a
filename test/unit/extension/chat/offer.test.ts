import { strict as assert } from 'node:assert';
import { offerOf, type Offer } from '../../../../src/extension/chat/offer';
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
  it('is one that was tuned to converse, and says how much of a conversation it reads', () => {
    const offer = offerOf(model) as Offer;
    assert.match(offer.tooltip, /several turns/);
    assert.deepEqual([offer.maxInputTokens, offer.maxOutputTokens], [2047 - 256, 256]);
    assert.match((offerOf({ ...model, chat: 'sep' }) as Offer).tooltip, /one question at a time/);
    const { maxInputTokens, maxOutputTokens } = offerOf({ ...model, maxTokens: 100 }) as Offer;
    assert.deepEqual([maxInputTokens, maxOutputTokens], [50, 50]);
  });

  it('is no other, and the reason says so', () => {
    assert.equal(reasonOf(undefined), 'no model is loaded');
    const { chat: _, ...infill } = model;
    const { reason } = offerOf({ ...infill, followsInstructions: true }) as { reason: string };
    assert.match(reason, /fills gaps and was not tuned/);
  });
});
