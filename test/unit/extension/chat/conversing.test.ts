import { strict as assert } from 'node:assert';
import {
  blockTokens,
  chatParams,
  joinedMessages,
  settledText,
} from '../../../../src/extension/chat/conversing';
import type { ChatMessage } from '../../../../src/protocol/chatMessages';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

describe('a conversation of the chat', () => {
  it('alternates: messages of one side are joined, and empty ones are none', () => {
    const messages = [
      user('be brief'),
      user('what is a?'),
      assistant('one'),
      user(' \n'),
      user('b?'),
    ];
    assert.deepEqual(joinedMessages(messages), [
      user('be brief\n\nwhat is a?'),
      assistant('one'),
      user('b?'),
    ]);
    assert.equal(messages[0]!.content, 'be brief');
  });

  it('is asked for with its limit and its blocks', () => {
    const params = chatParams([user('x')], 100, { temperature: 0 });
    assert.deepEqual(params, {
      messages: [user('x')],
      ...{ maxTokens: 100, blockTokens, sampling: { temperature: 0 } },
    });
  });
});

describe('what of an answer can be handed on', () => {
  const written = (count: number, text = 'a') => Array.from({ length: count }, () => ({ text }));
  const settled = (...tokens: readonly { text?: string }[]) => settledText({ tokens });

  it('is what stands in the blocks before the present one, however much of that is written', () => {
    assert.equal(settled(), '');
    assert.equal(settled(...written(blockTokens)), '');
    assert.equal(settled(...written(blockTokens), {}, {}), 'a'.repeat(blockTokens));
    assert.equal(settled(...written(2 * blockTokens)), 'a'.repeat(blockTokens));
    assert.equal(settled(...written(2 * blockTokens + 1)), 'a'.repeat(2 * blockTokens));
  });

  it('holds back white space at its end, and the half of a character', () => {
    assert.equal(settled(...written(blockTokens - 1), { text: ' \n' }, {}), 'a'.repeat(31));
    assert.equal(settled({ text: '\n ' }, ...written(blockTokens - 1), {}), 'a'.repeat(31));
    assert.equal(
      settled(...written(blockTokens - 1), { text: 'b\ufffd' }, {}),
      'a'.repeat(31) + 'b',
    );
  });
});
