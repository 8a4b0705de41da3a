/**
 * An answer in pieces: Server-Sent Events over one response. A line of comment now and then keeps
 * proxies from taking a waiting request for a dead one. Knows no messages.
 */
import type { ServerResponse } from 'node:http';

const keepAliveMs = 15_000;

export class EventStream {
  readonly #response: ServerResponse;
  readonly #timer: NodeJS.Timeout;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'X-Accel-Buffering': 'no', // nginx would hold the pieces back
    });
    response.flushHeaders();
    this.#timer = setInterval(() => this.#write(': waiting\n\n'), keepAliveMs);
  }

  /** Whoever reads is behind: what may be left out should be. */
  get isBehind(): boolean {
    return this.#response.writableNeedDrain;
  }

  /** @param event its name; absent as OpenAI's streams have it. */
  send(data: unknown, event?: string): void {
    const name = event === undefined ? '' : `event: ${event}\n`;
    this.#write(`${name}data: ${JSON.stringify(data)}\n\n`);
  }

  /** @param last a final line that is no JSON: OpenAI's `[DONE]`. */
  end(last?: string): void {
    clearInterval(this.#timer);
    if (last !== undefined) this.#write(`data: ${last}\n\n`);
    this.#response.end();
  }

  #write(text: string): void {
    if (!this.#response.writableEnded && !this.#response.destroyed) this.#response.write(text);
  }
}
