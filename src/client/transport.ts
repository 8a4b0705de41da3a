/**
 * The seam between the client and whatever answers it: a private child process, one process for all
 * windows, a server elsewhere. Types only; knows neither how bytes travel nor what they mean.
 */
import type { MessageReader, MessageWriter } from 'vscode-jsonrpc/node';
import type { LogMessage } from '../protocol/messages';

/** One connection to a sampler, open and trusted; the first message on it is the hello request. */
export interface Channel {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  /** Of the process at the other end; absent where it runs on another machine. */
  readonly pid?: number | undefined;
  /** Resolves with why the connection is over, for people; never rejects. */
  readonly ended: Promise<string>;
  /** Lets go of it. Resolves once it is over; safe to call twice. */
  close(): Promise<void>;
  /** Ends a process that does not answer; where that is not ours to do, closes the connection. */
  kill(): void;
}

export interface ConnectOptions {
  /** What the way there has to say, before the other end can speak for itself. */
  readonly onLog: (message: LogMessage) => void;
  /** Aborts when nobody wants the connection any more. */
  readonly signal: AbortSignal;
}

export interface Transport {
  /** @throws when no connection can be made; the message says why. */
  connect(options: ConnectOptions): Promise<Channel>;
}
