/**
 * One life of the sampler process: the process, the connection over its pipes, and requests that
 * fail as soon as either ends. Knows no restarts and no models; src/client/samplerClient.ts does.
 */
import {
  CancellationTokenSource,
  ConnectionError,
  createMessageConnection,
  ErrorCodes,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
  type ProgressType,
  type RequestType,
} from 'vscode-jsonrpc/node';
import { LacunaError } from '../protocol/errors';
import {
  helloRequest,
  logNotification,
  protocolVersion,
  type ErrorData,
  type HelloResult,
  type LogMessage,
} from '../protocol/messages';
import { orAbort } from './orAbort';
import { fromRemote } from './remoteError';
import { describeEnd, SamplerProcess, type ProcessOptions } from './samplerProcess';

export interface LinkOptions extends Omit<ProcessOptions, 'onStderr'> {
  readonly clientName: string;
  readonly onLog?: (message: LogMessage) => void;
  /** Another version than our own, for tests of the handshake. */
  readonly protocolVersion?: number;
}

export interface RequestOptions<Progress> {
  /** What is being done, for errors that do not say so: `Cannot fill`. */
  readonly doing: string;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: {
    readonly type: ProgressType<Progress>;
    readonly onProgress: (progress: Progress) => void;
  };
}

export class SamplerLink {
  readonly #options: LinkOptions;
  readonly #process: SamplerProcess;
  readonly #connection: MessageConnection;
  #reason: string | undefined;
  #nextToken = 1;
  /** Resolves with the reason once the process has ended. */
  readonly gone: Promise<string>;

  constructor(options: LinkOptions) {
    this.#options = options;
    const onLog = options.onLog ?? (() => {});
    this.#process = new SamplerProcess({
      ...options,
      onStderr: (text) => onLog({ level: 'warn', text }),
    });
    this.#connection = createMessageConnection(
      new StreamMessageReader(this.#process.output),
      new StreamMessageWriter(this.#process.input),
    );
    this.#connection.onError(([error]) => onLog({ level: 'warn', text: error.message }));
    this.#connection.onNotification(logNotification, onLog);
    this.#connection.listen();
    this.gone = this.#process.ended.then((end) => this.#reason ?? describeEnd(end));
    // Later, so that pending requests hear our reason and not the connection's.
    void this.gone.then(() => setImmediate(() => this.#connection.dispose()));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** The first exchange; fails with `versionMismatch` when the ends do not fit. */
  hello(): Promise<HelloResult> {
    const params = {
      protocolVersion: this.#options.protocolVersion ?? protocolVersion,
      clientName: this.#options.clientName,
    };
    return this.request(helloRequest, params, { doing: 'Cannot start the sampler process' });
  }

  /** Rejects at once when the signal aborts (the process hears of it too) or the process ends. */
  async request<P, R, Progress = never>(
    type: RequestType<P, R, ErrorData>,
    params: P,
    { doing, signal, progress }: RequestOptions<Progress>,
  ): Promise<R> {
    const source = new CancellationTokenSource();
    const token = progress && String(this.#nextToken++);
    const listener =
      progress && this.#connection.onProgress(progress.type, token!, progress.onProgress);
    try {
      signal?.throwIfAborted();
      const message = token === undefined ? params : { ...params, progressToken: token };
      const answer = this.#connection.sendRequest(type, message, source.token);
      const first = Promise.race([answer, this.#rejectWhenGone(doing)]);
      return await orAbort(first, signal, () => source.cancel());
    } catch (thrown) {
      if (isBrokenPipe(thrown)) return await this.#rejectWhenGone(doing);
      throw isOurs(thrown) ? thrown : fromRemote(thrown, doing);
    } finally {
      listener?.dispose();
      source.dispose();
    }
  }

  /** Ends the process; `reason` is what pending requests are told. Safe to call twice. */
  async dispose(reason: string): Promise<void> {
    this.#reason ??= reason;
    await this.#process.dispose();
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  async #rejectWhenGone(doing: string): Promise<never> {
    throw samplerGone(doing, await this.gone);
  }
}

export function samplerGone(doing: string, reason: string): LacunaError {
  return new LacunaError('samplerGone', {
    doing,
    found: `the sampler process is gone: ${reason}`,
    advice: 'Look into the Lacuna log, then run "Lacuna: Restart Sampler"',
  });
}

/** The pipe is known to be broken a moment before the process is known to be gone. */
function isBrokenPipe(thrown: unknown): boolean {
  if (thrown instanceof ConnectionError) return true;
  if (!(thrown instanceof ResponseError)) return false;
  const { MessageWriteError, PendingResponseRejected } = ErrorCodes;
  return thrown.code === MessageWriteError || thrown.code === PendingResponseRejected;
}

function isOurs(thrown: unknown): boolean {
  return thrown instanceof LacunaError || thrown instanceof DOMException;
}
