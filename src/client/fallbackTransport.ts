/**
 * Tries one way and, where it fails, goes another and says why: a shared process needs sockets and a
 * folder of the user's own, and not every machine has both. Knows neither way.
 */
import type { Channel, ConnectOptions, Transport } from './transport';

export class FallbackTransport implements Transport {
  readonly #first: Transport;
  readonly #second: Transport;

  constructor(first: Transport, second: Transport) {
    this.#first = first;
    this.#second = second;
  }

  async connect(options: ConnectOptions): Promise<Channel> {
    try {
      return await this.#first.connect(options);
    } catch (thrown) {
      options.signal.throwIfAborted();
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      options.onLog({ level: 'warn', text: `A process of its own for this window: ${reason}` });
      return this.#second.connect(options);
    }
  }
}
