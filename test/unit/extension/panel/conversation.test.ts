import assert from 'node:assert/strict';
import {
  cutBefore,
  emptyConversation,
  merged,
  messagesUpTo,
  partialAnswer,
  settled,
  titleOf,
  withTurn,
  type Turn,
} from '../../../../src/extension/panel/conversation';
import { turn } from '../../../support/panelTurn';

const answered = (id: string, change: Partial<Turn['answer']>) =>
  turn(id, { answer: { ...turn(id).answer, ...change } });
const of = (...turns: Turn[]) => turns.reduce(withTurn, emptyConversation('c', 0));
const idsOf = ({ turns }: { turns: readonly Turn[] }) => turns.map(({ id }) => id);

describe('a conversation', () => {
  it('is called after its first question, one line, not too long', () => {
    assert.equal(titleOf(of()), '');
    assert.equal(titleOf(of(turn('a', { question: '  sort\n them' }))), 'sort');
    const title = titleOf(of(turn('a', { question: 'word '.repeat(40) })));
    assert.match(title, /^word [^]*word…$/);
    assert.ok(title.length <= 60);
  });

  it('takes a turn once, and its later versions in its place', () => {
    const conversation = of(turn('a'), turn('b'), turn('a', { question: 'other', changedMs: 5 }));
    assert.deepEqual(idsOf(conversation), ['a', 'b']);
    assert.equal(conversation.turns[0]!.question, 'other');
    assert.equal(conversation.changedMs, 5);
  });

  it('loses what came after an edited question, and remembers what that was', () => {
    const cut = cutBefore(of(turn('a'), turn('b'), turn('c')), 'b', 9);
    assert.deepEqual([idsOf(cut), cut.removed, cut.changedMs], [['a'], ['b', 'c'], 9]);
    const same = of(turn('a'));
    assert.equal(cutBefore(same, 'x', 9), same);
  });

  it('is messages up to a question, its context along, without answers of no use', () => {
    const context = [
      { kind: 'file', label: 'a.ts', languageId: 'ts', text: 'x', tokens: 1 },
    ] as const;
    const conversation = of(
      turn('a', { context }),
      answered('b', { text: '' }),
      answered('c', { text: 'x▒', hasHoles: true }),
      answered('d', { state: 'stopped', text: 'so far' }),
      turn('e'),
    );
    assert.deepEqual(messagesUpTo(conversation, 'd'), [
      { role: 'user', content: 'ask a\n\nFile a.ts:\n```ts\nx\n```' },
      { role: 'assistant', content: 'say a' },
      { role: 'user', content: 'ask d' },
    ]);
    assert.equal(messagesUpTo(conversation, 'e').at(-2)!.content, 'so far');
  });

  it('that was left in the middle of an answer says so', () => {
    const left = settled(of(turn('a'), answered('b', { state: 'denoising' })), 'closed');
    assert.deepEqual(
      left.turns.map(({ answer }) => [answer.state, answer.reason]),
      [
        ['done', ''],
        ['stopped', 'closed'],
      ],
    );
  });

  it('of two windows has the turns of both, the later version of each, none that was cut', () => {
    const base = of(turn('a'), turn('b'));
    const mine = withTurn(cutBefore(base, 'b', 2), turn('c', { changedMs: 3 }));
    const newer = turn('a', { question: 'newer', changedMs: 4 });
    const other = withTurn(withTurn(base, newer), turn('d', { changedMs: 5 }));
    const both = merged(mine, other);
    assert.deepEqual(idsOf(both), ['a', 'c', 'd']);
    assert.equal(both.turns[0]!.question, 'newer');
    assert.equal(both.changedMs, 5);
    assert.deepEqual(idsOf(merged(other, mine)).sort(), ['a', 'c', 'd']);
  });
});

describe('partialAnswer()', () => {
  it('keeps what was written, with holes where masks are left between', () => {
    const tokens = [{ text: 'a' }, {}, { text: 'b' }, {}, {}];
    assert.deepEqual(partialAnswer(tokens), { text: 'a▒b', hasHoles: true });
    assert.deepEqual(partialAnswer([{ text: 'a' }, {}]), { text: 'a', hasHoles: false });
    assert.deepEqual(partialAnswer([{}, {}]), { text: '', hasHoles: false });
    assert.deepEqual(partialAnswer([]), { text: '', hasHoles: false });
  });
});
