/**
 * One connection to the sampler process, over whatever carries its messages. Every handler is
 * guarded: what it throws becomes an error response, and the process lives on. The handlers are in
 * samplingHandlers.ts, modelHandlers.ts and processHandlers.ts; what connections share is the host's.
 */
import type {
  CancellationToken,
  MessageConnection,
  NotificationType,
  ProgressType,
  RequestType,
  ResponseError,
} from 'vscode-jsonrpc/node';
import { isAbort, LacunaError } from '../protocol/errors';
import {
  helloRequest,
  logNotification,
  protocolVersion,
  type ErrorData,
  type HelloParams,
  type HelloResult,
  type LogMessage,
} from '../protocol/messages';
import type { Engine } from './engine';
import { toErrorResponse } from './errorResponse';
import { handleModels } from './modelHandlers';
import type { SamplerHost } from './process/samplerHost';
import { handleProcess } from './processHandlers';
import { handleSampling } from './samplingHandlers';

export class Server {
  readonly engine: Engine;
  readonly #connection: MessageConnection;
  readonly #host: SamplerHost;
  /** Of the requests under way. */
  readonly #running = new Set<AbortController>();
  #isClosed = false;
  #clientName: string | undefined;

  constructor(connection: MessageConnection, engine: Engine, host: SamplerHost) {
    this.#connection = connection;
    this.engine = engine;
    this.#host = host;
  }

  /** Absent before the hello. */
  get clientName(): string | undefined {
    return this.#clientName;
  }

  listen(): void {
    this.#handle(helloRequest, 'Cannot connect', async (params) => this.#hello(params));
    const desk = {
      engine: this.engine,
      host: this.#host,
      owner: this.#connection,
      handle: this.#handle.bind(this),
      report: this.#report.bind(this),
      log: this.log.bind(this),
    };
    handleSampling(desk);
    handleModels(desk);
    handleProcess(desk, this);
    this.#connection.listen();
  }

  /** Whoever was at the other end is gone: what runs for it stops at its next step. */
  close(): void {
    this.#isClosed = true;
    for (const aborter of this.#running) aborter.abort();
  }

  log(level: LogMessage['level'], text: string): void {
    this.notify(logNotification, { level, text });
  }

  /** Says something, unless no hello has come or nobody is there any more. */
  notify<P>(type: NotificationType<P>, params: P): void {
    if (this.#clientName === undefined || this.#isClosed) return;
    this.#connection.sendNotification(type, params).catch(ignoreClosed);
  }

  #hello(params: HelloParams): HelloResult {
    const { version } = this.#host;
    if (params?.protocolVersion !== protocolVersion) {
      throw new LacunaError('versionMismatch', {
        doing: 'Cannot connect to the sampler process',
        found: `it speaks protocol version ${protocolVersion} (Lacuna ${version}), the other end ${params?.protocolVersion}`,
        advice: 'Reload the window so that both come from one version of Lacuna',
      });
    }
    this.#clientName = String(params.clientName);
    return { protocolVersion, serverVersion: version, pid: process.pid };
  }

  #handle<P, R>(
    type: RequestType<P, R, ErrorData>,
    doing: string,
    work: (params: P, signal: AbortSignal) => Promise<R>,
  ): void {
    this.#connection.onRequest(type, async (params: P, token: CancellationToken) => {
      const aborter = new AbortController();
      this.#running.add(aborter);
      if (token.isCancellationRequested || this.#isClosed) aborter.abort();
      token.onCancellationRequested(() => aborter.abort());
      try {
        const isGreeted = this.#clientName !== undefined;
        if (!isGreeted && type.method !== helloRequest.method) throw notGreeted(type.method);
        return await work(params, aborter.signal);
      } catch (thrown) {
        const response = toErrorResponse(thrown, doing);
        if (!isAbort(thrown)) this.#logFailure(response);
        return response;
      } finally {
        this.#running.delete(aborter);
      }
    });
  }

  /** Whoever asked is told all; the log above debug level no more than cannot hold code. */
  #logFailure({ message, data }: ResponseError<ErrorData>): void {
    const { code = 'internal', parts } = data ?? {};
    if (parts === undefined || !quoting.has(code)) return this.log('warn', message);
    this.log('warn', `${parts.doing} (${code}); the log at debug level says more`);
    this.log('debug', message);
  }

  #report<P>(type: ProgressType<P>, token: string, progress: P): void {
    if (this.#isClosed) return;
    this.#connection.sendProgress(type, token, progress).catch(ignoreClosed);
  }
}

/** Errors that may quote what was asked, or what another's code made of it. */
const quoting: ReadonlySet<string> = new Set(['badUsage', 'badInput', 'internal']);

/** Whoever waited for it is gone. */
function ignoreClosed(): void {}

function notGreeted(method: string): LacunaError {
  return new LacunaError('badUsage', {
    doing: `Cannot answer ${method}`,
    found: 'no hello came before it',
    advice: `Send ${helloRequest.method} first`,
  });
}
