/**
 * The body of a request as JSON: of the right kind, no larger than allowed, really UTF-8. Knows no
 * route; what the JSON means is the guards' business.
 */
import type { IncomingMessage } from 'node:http';
import { HttpError } from './httpError';

/** @throws HttpError 413, 415 or 400. */
export async function readJson(request: IncomingMessage, mostBytes: number): Promise<unknown> {
  checkKind(request);
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > mostBytes) throw tooLarge(mostBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooLarge(mostBytes);
    chunks.push(chunk);
  }
  return parse(Buffer.concat(chunks));
}

function checkKind({ headers }: IncomingMessage): void {
  const kind = headers['content-type']?.split(';')[0]!.trim().toLowerCase();
  // What a form on a page can send is not among what is read.
  if (kind !== 'application/json') {
    throw new HttpError(415, {
      code: 'unsupported_media_type',
      found: `the body's Content-Type is ${kind === undefined ? 'missing' : 'another one'}`,
      advice: 'Send JSON with Content-Type: application/json',
    });
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new HttpError(415, {
      code: 'unsupported_encoding',
      found: 'the body is compressed',
      advice: 'Send it as it is, without Content-Encoding',
    });
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    // The parser's own words quote the text.
    throw new HttpError(400, {
      code: 'invalid_json',
      found: `the body of ${bytes.length} bytes is no JSON in UTF-8`,
      advice: 'Send one JSON object',
    });
  }
}

function tooLarge(mostBytes: number): HttpError {
  const limit = (mostBytes / 2 ** 20).toFixed(mostBytes % 2 ** 20 === 0 ? 0 : 2);
  return new HttpError(413, {
    code: 'too_large',
    found: `the body is larger than the ${limit} MiB that this server reads`,
    advice: 'Send less text around the gap',
    headers: { Connection: 'close' }, // the rest of it is not read
  });
}
