/** What reaches a terminal: our colours and text, nothing that moves, titles, links or copies. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { cleaned, door, streamBehind } from '../../../src/server/trace/door';

function stream(isTTY: boolean): { stream: NodeJS.WriteStream; seen: () => string } {
  const raw = new PassThrough() as unknown as NodeJS.WriteStream;
  raw.isTTY = isTTY;
  let text = '';
  raw.on('data', (data: Buffer) => (text += data.toString('utf8')));
  return { stream: raw, seen: () => text };
}

describe('the door of a terminal', () => {
  const rows: [what: string, text: string, shown: string][] = [
    ['text', 'naïve 漢字 🙂\n\tx\n', 'naïve 漢字 🙂\n\tx\n'],
    ['colours', '\x1b[1;32mx\x1b[0m', '\x1b[1;32mx\x1b[0m'],
    ['a title', '\x1b]0;owned\x07', '␛]0;owned␇'],
    ['a cleared screen', '\x1b[2Jx', '␛[2Jx'],
    ['a moved cursor', 'a\x1b[3A\rb', 'a␛[3A␍b'],
    ['the clipboard', '\x1b]52;c;QUFBQQ==\x1b\\', '␛]52;c;QUFBQQ==␛\\'],
    ['a link', '\x1b]8;;http://evil.example\x1b\\', '␛]8;;http://evil.example␛\\'],
    ['an 8-bit control', '\u009b2J\u009d0;x\u009c', '\ufffd2J\ufffd0;x\ufffd'],
    ['text turned round', 'a\u202eb\u2066c', 'a\ufffdb\ufffdc'],
    ['line ends of Windows', 'a\r\nb\r\n', 'a\nb\n'],
    ['a colour without an end', '\x1b[1;', '␛[1;'],
  ];
  for (const [what, text, shown] of rows) {
    it(`shows ${what} as ${JSON.stringify(shown)}`, () => assert.equal(cleaned(text), shown));
  }

  it('guards a terminal, for strings and bytes', () => {
    const { stream: raw, seen } = stream(true);
    const guarded = door(raw);
    guarded.write('\x1b[2J');
    guarded.write(Buffer.from('\x07'));
    assert.equal(seen(), '␛[2J␇');
    assert.equal(guarded.isTTY, true);
    assert.equal(streamBehind(guarded), raw);
  });

  it('leaves pipes and files as they are', () => {
    const { stream: raw, seen } = stream(false);
    assert.equal(door(raw), raw);
    assert.equal(streamBehind(raw), raw);
    door(raw).write('\x1b[2J\r');
    assert.equal(seen(), '\x1b[2J\r');
  });
});
