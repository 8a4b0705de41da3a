/**
 * The same messages over a socket that carries whole texts: one frame, one message. For both ends, and for
 * any socket with these few members; knows neither who opened it nor what the messages say.
 */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc';

/** What is used of a socket; that of the package `ws` has it. */
export interface TextSocket {
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  send(text: string, done: (error?: Error | null) => void): void;
  close(): void;
}

export class SocketMessageReader extends AbstractMessageReader implements MessageReader {
  readonly #socket: TextSocket;

  constructor(socket: TextSocket) {
    super();
    this.#socket = socket;
  }

  listen(callback: DataCallback): Disposable {
    let isListening = true;
    this.#socket.on('message', (data, isBinary) => {
      if (!isListening) return;
      const message = isBinary ? undefined : parsed(String(data));
      if (!message) return this.fireError(new Error('A frame does not hold a message'));
      try {
        callback(message);
      } catch (error) {
        // The library reads fields of some messages unchecked. Thrown from here, that would end the process.
        this.fireError(error instanceof Error ? error : new Error(String(error)));
      }
    });
    this.#socket.on('error', (error) => this.fireError(error));
    this.#socket.on('close', () => this.fireClose());
    return { dispose: () => (isListening = false) };
  }
}

export class SocketMessageWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #socket: TextSocket;
  #failures = 0;

  constructor(socket: TextSocket) {
    super();
    this.#socket = socket;
    socket.on('close', () => this.fireClose());
  }

  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(JSON.stringify(message), (error) => {
        if (!error) return resolve();
        this.fireError(error, message, ++this.#failures);
        reject(error);
      });
    });
  }

  end(): void {
    this.#socket.close();
  }
}

function parsed(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}
