/** Conversations on the disk: two windows at once, damage, limits. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { emptyConversation, withTurn } from '../../../../src/extension/panel/conversation';
import {
  ConversationStore,
  mostConversations,
} from '../../../../src/extension/panel/conversationStore';
import { useTempFolder } from '../../../support/tempFolder';
import { turn } from '../../../support/panelTurn';

describe('ConversationStore', () => {
  const at = useTempFolder();
  const windowOf = () => new ConversationStore(at('conversations'));
  const talk = (id: string, ms = 1) =>
    withTurn(emptyConversation(id, ms), turn(`${id}1`, { changedMs: ms }));

  it('gives back what it was given, newest first', async () => {
    const store = windowOf();
    assert.deepEqual(await store.all(), []);
    for (const [id, ms] of [
      ['a', 1],
      ['b', 3],
      ['c', 2],
    ] as const)
      await store.save(talk(id, ms));
    assert.deepEqual(
      (await store.all()).map(({ id }) => id),
      ['b', 'c', 'a'],
    );
    assert.deepEqual(await windowOf().read('b'), talk('b', 3));
  });

  it('keeps what two windows say to one conversation at the same time', async () => {
    const [one, two] = [windowOf(), windowOf()];
    const base = await one.save(talk('a'));
    const seen = (await two.read('a'))!;
    await two.save(withTurn(seen, turn('two', { changedMs: 5 })));
    const joined = await one.save(withTurn(base, turn('one', { changedMs: 6 })));
    const ids = joined.turns.map(({ id }) => id).sort();
    assert.deepEqual(ids, ['a1', 'one', 'two']);
    assert.deepEqual(await two.read('a'), joined);
  });

  it('writes over nothing of another window that talks about something else', async () => {
    const [one, two] = [windowOf(), windowOf()];
    await Promise.all([one.save(talk('a')), two.save(talk('b'))]);
    assert.equal((await one.all()).length, 2);
  });

  it('saves one after the other, and leaves no half file', async () => {
    const store = windowOf();
    let conversation = talk('a');
    const saves = Array.from({ length: 20 }, (_, index) => {
      conversation = withTurn(conversation, turn(`t${index}`, { changedMs: index }));
      return store.save(conversation);
    });
    await Promise.all(saves);
    assert.equal((await store.read('a'))!.turns.length, 21);
    assert.deepEqual(readdirSync(at('conversations')), ['a.json']);
  });

  it('is for its user alone', async () => {
    await windowOf().save(talk('a'));
    assert.equal(statSync(at('conversations', 'a.json')).mode & 0o077, 0);
  });

  it('passes over what is no conversation', async () => {
    mkdirSync(at('conversations'), { recursive: true });
    const bad = {
      'x.json': '{',
      'y.json': '{"id":"y"}',
      'z.json': 'null',
      'w.json': '{"id":"other"}',
    };
    for (const [name, text] of Object.entries(bad)) writeFileSync(at('conversations', name), text);
    writeFileSync(at('conversations', 'v.json'), JSON.stringify({ ...talk('v'), turns: [{}] }));
    const store = windowOf();
    await store.save(talk('a'));
    assert.deepEqual(
      (await store.all()).map(({ id }) => id),
      ['a'],
    );
  });

  it('reads and removes nothing outside of its folder', async () => {
    writeFileSync(at('secret.json'), JSON.stringify(talk('../secret')));
    const store = windowOf();
    assert.equal(await store.read('../secret'), undefined);
    await store.remove('../secret');
    assert.ok(statSync(at('secret.json')));
    await store.save(talk('a'));
    await store.remove('a');
    assert.deepEqual(await store.all(), []);
  });

  it('lets the oldest go', async () => {
    const store = windowOf();
    for (let index = 0; index < mostConversations + 2; index++)
      await store.save(talk(`c${index}`, index));
    const ids = (await store.all()).map(({ id }) => id);
    assert.equal(ids.length, mostConversations);
    assert.ok(!ids.includes('c0') && ids.includes('c2'));
  });

  it('makes ids that are good names of files', () => {
    const ids = Array.from({ length: 50 }, () => ConversationStore.newId());
    assert.equal(new Set(ids).size, 50);
    for (const id of ids) assert.match(id, /^[\w-]{12}$/);
  });
});
