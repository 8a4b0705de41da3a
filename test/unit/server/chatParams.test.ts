import assert from 'node:assert/strict';
import {
  checkChatParams,
  checkCountTokensParams,
  checkPreviewParams,
} from '../../../src/server/chatParams';

const messages = [{ role: 'user', content: 'hi' }];

describe('checkChatParams()', () => {
  it('lets through what makes sense, as it is', () => {
    const params = {
      messages: [{ role: 'system', content: '' }, ...messages],
      maxTokens: 10,
      blockTokens: 4,
      draft: { text: 'x', strength: 0.5 },
      sampling: { seed: 3 },
    };
    assert.deepEqual(checkChatParams(params), params);
    assert.deepEqual(checkPreviewParams({ chat: params }), { chat: params });
  });

  const refused: [string, unknown, RegExp][] = [
    ['no messages', { messages: [] }, /messages is a list of 0.*the user's/],
    ['a last word of the model', { messages: [{ role: 'assistant', content: '' }] }, /the user's/],
    ['another role', { messages: [{ role: 'tool', content: '' }] }, /role is "tool"/],
    ['no content', { messages: [{ role: 'user' }] }, /content is missing/],
    ['an answer of 0', { messages, maxTokens: 0 }, /maxTokens is 0/],
    ['blocks of 0', { messages, blockTokens: 0 }, /blockTokens is 0/],
    ['a draft without strength', { messages, draft: { text: '' } }, /strength is missing/],
    ['a strength of 2', { messages, draft: { text: '', strength: 2 } }, /strength is 2/],
    ['an unknown sampler', { messages, sampling: { sampler: 'x' } }, /sampler is "x"/],
    ['far too much', { messages: [{ role: 'user', content: 'x'.repeat(2_000_001) }] }, /2000001/],
    ['nothing', undefined, /params is missing/],
  ];
  for (const [name, params, message] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => checkChatParams(params), { message }));
  }
});

describe('checkCountTokensParams()', () => {
  it('wants a list of texts, no more than can be read', () => {
    assert.deepEqual(checkCountTokensParams({ texts: ['a', ''] }), { texts: ['a', ''] });
    assert.throws(() => checkCountTokensParams({ texts: [1] }), { message: /texts\[0\] is 1/ });
    assert.throws(() => checkCountTokensParams({}), { message: /texts is missing/ });
    const half = 'x'.repeat(1_000_001);
    assert.throws(() => checkCountTokensParams({ texts: [half, half] }), { code: 'badInput' });
  });
});
