/** Addresses of servers as people write them. */
import assert from 'node:assert/strict';
import { serverAddress } from '../../../src/client/serverAddress';
import { expectError } from '../../support/expectError';

describe('the address of a server', () => {
  const right: [string, string, string][] = [
    ['https://a.example', 'https://a.example', 'wss://a.example/v1/rpc'],
    [' https://A.example/ ', 'https://a.example', 'wss://a.example/v1/rpc'],
    [
      'https://a.example:8741/team/',
      'https://a.example:8741/team',
      'wss://a.example:8741/team/v1/rpc',
    ],
    ['http://localhost:8741', 'http://localhost:8741', 'ws://localhost:8741/v1/rpc'],
    ['http://127.0.0.1:1', 'http://127.0.0.1:1', 'ws://127.0.0.1:1/v1/rpc'],
    ['http://[::1]:1', 'http://[::1]:1', 'ws://[::1]:1/v1/rpc'],
  ];
  for (const [text, shown, socket] of right) {
    it(`reads ${text}`, () => assert.deepEqual(serverAddress(text), { shown, socket }));
  }

  const wrong: [string, RegExp][] = [
    ['a.example', /no address.*https:/],
    ['a.example:8741', /begins with a.example:/],
    ['ftp://a.example', /begins with ftp:/],
    ['http://a.example', /unencrypted.*Use https/],
    ['http://localhost.a.example', /unencrypted/],
    ['http://127.evil.example', /unencrypted/],
    ['https://me:secret@a.example', /a name or password/],
    ['https://a.example/?token=x', /follows the path/],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${text}`, () => expectError(() => serverAddress(text), 'badUsage', message));
  }
});
