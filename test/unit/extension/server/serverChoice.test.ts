/** When text may go to a server, and why it does not. */
import assert from 'node:assert/strict';
import { chooseServer } from '../../../../src/extension/server/serverChoice';

describe('the choice of a server', () => {
  const address = 'https://a.example';
  const wish = { url: `${address}/`, isTrusted: true, answers: { [address]: true } };

  it('is made where one is set, in a trusted folder, by somebody who said yes', () =>
    assert.deepEqual(chooseServer(wish), { use: 'server', address }));

  const local: [string, Partial<typeof wish>, string][] = [
    ['none is set', { url: ' ' }, 'unset'],
    ['the folder is not trusted', { isTrusted: false }, 'untrusted'],
    ['nobody was asked', { answers: {} as never }, 'unanswered'],
    ['another one was agreed to', { url: 'https://b.example' }, 'unanswered'],
    ['its port is another one', { url: `${address}:444` }, 'unanswered'],
    ['somebody said no', { answers: { [address]: false } }, 'declined'],
    ['it is named like a member of all objects', { url: 'https://constructor' }, 'unanswered'],
    ['the address is none', { url: 'a.example' }, 'wrong'],
    ['it would go unencrypted', { url: 'http://a.example' }, 'wrong'],
  ];
  for (const [name, over, why] of local) {
    it(`is this machine where ${name}`, () => {
      const choice = chooseServer({ ...wish, ...over });
      assert.equal(choice.use, 'local');
      assert.equal(choice.use === 'local' && choice.reason, why);
    });
  }
});
