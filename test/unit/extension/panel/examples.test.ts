import { strict as assert } from 'node:assert';
import { readExamples, withExamples } from '../../../../src/extension/panel/examples';
import type { ChatMessage } from '../../../../src/protocol/chatMessages';

describe('examples before a conversation', () => {
  const user = (content: string): ChatMessage => ({ role: 'user', content });
  const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });
  const examples = [
    { question: '1 + 1', answer: '2' },
    { question: '2 + 2', answer: '4' },
  ];
  const said = [user('before'), assistant('then'), user('3 + 3')];

  it('are turns of a model that reads turns', () => {
    assert.deepEqual(withExamples(said, examples, 'template'), [
      ...[user('1 + 1'), assistant('2'), user('2 + 2'), assistant('4')],
      ...said,
    ]);
  });

  it('stand before the question of a model that reads one at a time', () => {
    const read = withExamples(said, examples, 'sep').at(-1);
    assert.deepEqual(read, user('1 + 1\n2\n\n2 + 2\n4\n\n3 + 3'));
  });

  it('change nothing where there are none', () => {
    assert.equal(withExamples(said, [], 'template'), said);
    assert.deepEqual(withExamples([], examples, 'sep'), []);
  });

  it('are read from the settings, whatever stands there', () => {
    const bad = [null, 3, 'x', {}, { question: 'q' }, { question: ' ', answer: 'a' }];
    assert.deepEqual(readExamples([...bad, { question: 'q', answer: 'a', more: 1 }]), [
      { question: 'q', answer: 'a' },
    ]);
    for (const setting of [undefined, null, 'x', {}]) assert.deepEqual(readExamples(setting), []);
  });
});
