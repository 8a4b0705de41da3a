import assert from 'node:assert/strict';
import { FrameLimit } from '../../../src/server/process/frameLimit';

describe('FrameLimit', () => {
  /** What comes out, or the message of the error. */
  function pass(...chunks: (string | Buffer)[]): Promise<string> {
    return new Promise((resolve) => {
      const limit = new FrameLimit();
      let out = '';
      limit.on('data', (chunk: Buffer) => (out += chunk.toString('latin1')));
      limit.on('error', (error) => resolve(error.message));
      limit.on('end', () => resolve(out));
      for (const chunk of chunks) limit.write(chunk);
      limit.end();
    });
  }
  const frame = (body: string, more = '') => `Content-Length: ${body.length}\r\n${more}\r\n${body}`;
  const frames = frame('{"a":1}') + frame('') + frame('x\r\n\r\ny', 'Content-Type: x\r\n');

  it('lets sound frames through as they are, however they are cut', async () => {
    assert.equal(await pass(frames), frames);
    assert.equal(await pass(...frames), frames);
    for (let cut = 1; cut < frames.length; cut++) {
      assert.equal(await pass(frames.slice(0, cut), frames.slice(cut)), frames);
    }
  });

  for (const [what, text, says] of [
    ['a header without end', 'A'.repeat(3000), /header is too long/],
    ['a length beyond all', 'Content-Length: 99999999999\r\n\r\n', /promises 99999999999 bytes/],
    ['a negative length', 'Content-Length: -1\r\n\r\n', /promises NaN/],
    ['no length', 'Content-Type: x\r\n\r\n', /promises NaN/],
    ['bytes after a frame', `${frame('{}')}garbage\r\n\r\n`, /promises NaN/],
  ] as const) {
    it(`ends at ${what}`, async () => {
      assert.match(await pass(text), says);
      assert.match(await pass(...text), says);
    });
  }
});
