/**
 * What the handlers of one connection are given: a way to answer a kind of request, to report
 * progress, to write a log line. Types only.
 */
import type { ProgressType, RequestType } from 'vscode-jsonrpc/node';
import type { ErrorData, LogMessage } from '../protocol/messages';
import type { Engine } from './engine';
import type { SamplerHost } from './process/samplerHost';

export interface Handlers {
  /** The models and requests of this connection. */
  readonly engine: Engine;
  readonly host: SamplerHost;
  /** Tells connections apart where they take turns. */
  readonly owner: object;
  /** @param doing what is being done, for errors that do not say so themselves: `Cannot fill`. */
  handle<P, R>(
    type: RequestType<P, R, ErrorData>,
    doing: string,
    work: (params: P, signal: AbortSignal) => Promise<R>,
  ): void;
  report<P>(type: ProgressType<P>, token: string, progress: P): void;
  /** Text above debug level never holds the user's code. */
  log(level: LogMessage['level'], text: string): void;
}
