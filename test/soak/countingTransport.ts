/**
 * Counts on the wire: which requests were sent, and how often each was answered. Whoever waits for an
 * answer could not see a second one; here it is seen.
 */
import type { Message, RequestMessage } from 'vscode-jsonrpc/node';
import type { Channel, ConnectOptions, Transport } from '../../src/client/transport';

export class CountingTransport implements Transport {
  readonly #inner: Transport;
  /** Requests that have no answer yet, of all connections made. */
  readonly #open = new Set<string>();
  #connections = 0;
  sent = 0;
  answered = 0;
  /** Answers to nothing that was open: second ones. */
  stray = 0;

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  get unanswered(): number {
    return this.#open.size;
  }

  async connect(options: ConnectOptions): Promise<Channel> {
    const channel = await this.#inner.connect(options);
    const number = this.#connections++;
    const nameOf = (message: Message) => `${number}:${(message as RequestMessage).id}`;
    const { reader, writer } = channel;
    const listen = reader.listen.bind(reader);
    reader.listen = (callback) =>
      listen((message) => {
        if ('id' in message && !('method' in message)) {
          if (this.#open.delete(nameOf(message))) this.answered++;
          else this.stray++;
        }
        callback(message);
      });
    const write = writer.write.bind(writer);
    writer.write = (message) => {
      if ('id' in message && 'method' in message) {
        this.#open.add(nameOf(message));
        this.sent++;
      }
      return write(message);
    };
    return channel;
  }
}
