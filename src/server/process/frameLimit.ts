/**
 * Guards the reader of messages: it would take any length that a header promises and wait for it for
 * ever. Passes the bytes on as they are; fails at the first frame that nobody in his right mind sends.
 */
import { Transform, type TransformCallback } from 'node:stream';

const mostHeaderBytes = 1024;
/** A file of a million lines is less. */
const mostBodyBytes = 64 * 2 ** 20;
const headerEnd = '\r\n\r\n';

export class FrameLimit extends Transform {
  /** What has come of a header that is not whole yet. */
  #header = '';
  /** Bytes of the body that are still to come. */
  #left = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#check(chunk);
      done(null, chunk);
    } catch (error) {
      done(error as Error);
    }
  }

  #check(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.#left > 0) {
        const bytes = Math.min(this.#left, chunk.length - at);
        this.#left -= bytes;
        at += bytes;
        continue;
      }
      const known = this.#header.length;
      const header = this.#header + chunk.toString('latin1', at, at + mostHeaderBytes);
      const end = header.indexOf(headerEnd);
      if (end < 0 && header.length >= mostHeaderBytes) throw new Error('The header is too long');
      if (end < 0) {
        this.#header = header;
        return;
      }
      this.#left = bodyBytes(header.slice(0, end));
      this.#header = '';
      at += end + headerEnd.length - known;
    }
  }
}

function bodyBytes(header: string): number {
  const length = Number(/^content-length: *(\d{1,12})$/im.exec(header)?.[1] ?? NaN);
  if (length <= mostBodyBytes) return length;
  throw new Error(`The header promises ${length} bytes`);
}
