/**
 * One life of a connection to a sampler: requests that fail with the reason as soon as it is over.
 * Knows neither how the bytes travel (transport.ts) nor restarts and models (samplerClient.ts).
 */
import {
  CancellationTokenSource,
  createMessageConnection,
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
import {
  goodbyeNotification,
  limitsRequest,
  pingRequest,
  shutdownRequest,
  silenceNotification,
  type Goodbye,
  type ProcessLimits,
} from '../protocol/processMessages';
import { Heartbeat, type HeartbeatOptions } from './heartbeat';
import { orAbort } from './orAbort';
import { fromRemote } from './remoteError';
import { isBrokenPipe, isOurs, samplerGone } from './samplerErrors';
import type { Channel, Transport } from './transport';

export interface LinkOptions {
  readonly transport: Transport;
  readonly clientName: string;
  readonly onLog?: (message: LogMessage) => void;
  /** How much the process may take; absent: as it thinks fit. */
  readonly limits?: () => ProcessLimits;
  /** False: whoever debugs the process stops it for as long as he likes. */
  readonly heartbeat?: Pick<HeartbeatOptions, 'everyMs' | 'patienceMs'> | false;
  /** Another version than our own, for tests of the handshake. */
  readonly protocolVersion?: number;
}

/** A process that runs a large model answers after its forward. */
const shutdownMs = 3000;

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
  readonly #channel: Channel;
  readonly #connection: MessageConnection;
  #reason: string | undefined;
  #goodbye: Goodbye | undefined;
  #heartbeat: Heartbeat | undefined;
  #nextToken = 1;
  /** Resolves with the reason once the connection is over. */
  readonly gone: Promise<string>;

  private constructor(channel: Channel, options: LinkOptions) {
    this.#options = options;
    this.#channel = channel;
    const onLog = options.onLog ?? (() => {});
    this.#connection = createMessageConnection(channel.reader, channel.writer);
    this.#connection.onError(([error]) => onLog({ level: 'warn', text: error.message }));
    this.#connection.onNotification(logNotification, onLog);
    this.#connection.onNotification(goodbyeNotification, (goodbye) => {
      this.#goodbye = goodbye;
      this.#reason ??= goodbye.reason;
    });
    this.#connection.onNotification(silenceNotification, ({ forMs }) =>
      this.#heartbeat?.announce(forMs),
    );
    this.#connection.listen();
    this.gone = channel.ended.then((end) => {
      this.#heartbeat?.stop();
      return this.#reason ?? end;
    });
    // Later, so that pending requests hear our reason and not the connection's.
    void this.gone.then(() => setImmediate(() => this.#connection.dispose()));
  }

  /** Connects; nothing is said yet. @throws LacunaError `samplerGone` when no connection comes. */
  static async open(options: LinkOptions, signal: AbortSignal): Promise<SamplerLink> {
    const { transport, onLog = () => {} } = options;
    try {
      return new SamplerLink(await transport.connect({ onLog, signal }), options);
    } catch (thrown) {
      if (thrown instanceof LacunaError) throw thrown;
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw samplerGone('Cannot start the sampler process', reason);
    }
  }

  get pid(): number | undefined {
    return this.#channel.pid;
  }

  /** What the process said before it ended on purpose; absent: it crashed, or runs. */
  get goodbye(): Goodbye | undefined {
    return this.#goodbye;
  }

  /** The first exchange; fails with `versionMismatch` when the ends do not fit. */
  async hello(): Promise<HelloResult> {
    const params = {
      protocolVersion: this.#options.protocolVersion ?? protocolVersion,
      clientName: this.#options.clientName,
    };
    const doing = 'Cannot start the sampler process';
    const result = await this.request(helloRequest, params, { doing });
    await this.tellLimits();
    this.#startHeartbeat();
    return result;
  }

  async tellLimits(): Promise<void> {
    const limits = this.#options.limits?.();
    if (limits) await this.request(limitsRequest, limits, { doing: 'Cannot set the limits' });
  }

  #startHeartbeat(): void {
    const { heartbeat = {} } = this.#options;
    if (heartbeat === false) return;
    this.#heartbeat = new Heartbeat({
      ...heartbeat,
      ping: () => this.#connection.sendRequest(pingRequest, undefined),
      onHung: (silentMs) => this.kill(`it did not answer for ${Math.round(silentMs / 1000)} s`),
    });
  }

  /** Ends the process for all who use it; one that does not listen is killed. */
  async end(reason: string, stop: boolean): Promise<void> {
    this.#reason ??= reason;
    const ask = this.request(shutdownRequest, { stop }, { doing: 'Cannot end the process' });
    const tooLong = AbortSignal.timeout(shutdownMs);
    try {
      await orAbort(ask, tooLong);
    } catch {
      if (tooLong.aborted) this.kill(reason);
    }
    await this.#channel.close();
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

  /** Lets go of the process; `reason` is what pending requests are told. Safe to call twice. */
  async dispose(reason: string): Promise<void> {
    this.#reason ??= reason;
    await this.#channel.close();
  }

  /** Ends a process that does not answer. */
  kill(reason: string): void {
    this.#reason ??= reason;
    this.#channel.kill();
  }

  async #rejectWhenGone(doing: string): Promise<never> {
    throw samplerGone(doing, await this.gone);
  }
}
