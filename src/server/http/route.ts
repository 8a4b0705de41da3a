/**
 * What a route is and what it is given of one request. Types, and the one way to answer with JSON.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when whoever asked hangs up. */
  readonly signal: AbortSignal;
  /** The body, read once. @throws HttpError */
  json(): Promise<unknown>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** What cannot be done when it fails: `Cannot fill`. */
  readonly doing: string;
  /** Needs no token: says nothing that is worth one. */
  readonly isOpen?: boolean;
  run(call: Call): Promise<void> | void;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendText(response, status, `${JSON.stringify(body)}\n`, {
    'Content-Type': 'application/json; charset=utf-8',
    ...headers,
  });
}

export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
