/**
 * A handler for each message, over a connection that somebody else opened. Every handler is
 * guarded: what it throws becomes an error response, and the process lives on. Knows neither how
 * bytes travel nor how a fill is made.
 */
import type {
  CancellationToken,
  MessageConnection,
  ProgressType,
  RequestType,
} from 'vscode-jsonrpc/node';
import { isAbort, LacunaError } from '../protocol/errors';
import {
  chatProgress,
  chatRequest,
  countTokensRequest,
  previewRequest,
  type ChatParams,
  type ChatResult,
} from '../protocol/chatMessages';
import {
  fillProgress,
  fillRequest,
  helloRequest,
  loadProgress,
  loadRequest,
  logNotification,
  protocolVersion,
  scoreProgress,
  scoreRequest,
  shutdownRequest,
  type ErrorData,
  type FillParams,
  type FillResult,
  type HelloParams,
  type HelloResult,
  type LoadParams,
  type LogMessage,
  type ModelInfo,
  type ScoreParams,
  type ScoreResult,
} from '../protocol/messages';
import {
  addModelProgress,
  addModelRequest,
  benchRequest,
  inspectModelRequest,
  listModelsRequest,
  removeModelRequest,
  verifyModelRequest,
  type AddModelParams,
  type AddProgress,
  type InstalledModel,
} from '../protocol/modelMessages';
import type { Engine } from './engine';
import { toErrorResponse } from './errorResponse';
import {
  addModel,
  bench,
  inspectModel,
  listModels,
  removeModel,
  verifyModel,
} from './models/modelDesk';
import { RequestQueue } from './queue';

export interface ServerOptions {
  readonly version: string;
  /** Called once the answer to a shutdown request is on its way. */
  readonly onShutdown: () => void;
}

export class Server {
  readonly #connection: MessageConnection;
  readonly #engine: Engine;
  readonly #options: ServerOptions;
  readonly #queue = new RequestQueue();
  #isGreeted = false;

  constructor(connection: MessageConnection, engine: Engine, options: ServerOptions) {
    this.#connection = connection;
    this.#engine = engine;
    this.#options = options;
  }

  listen(): void {
    this.#handle(helloRequest, 'Cannot connect', async (params) => this.#hello(params));
    this.#handle(loadRequest, 'Cannot load the model', (params, signal) =>
      this.#load(params, signal),
    );
    this.#handle(fillRequest, 'Cannot fill', (params, signal) => this.#fill(params, signal));
    this.#handle(scoreRequest, 'Cannot score', (params, signal) => this.#score(params, signal));
    this.#handle(chatRequest, 'Cannot answer', (params, signal) => this.#chat(params, signal));
    this.#handle(countTokensRequest, 'Cannot count tokens', async (params) =>
      this.#engine.countAll(params),
    );
    this.#handle(previewRequest, 'Cannot show what would be sent', async (params) =>
      this.#engine.preview(params),
    );
    this.#handleModels();
    this.#handle(shutdownRequest, 'Cannot shut down', async () => {
      setImmediate(this.#options.onShutdown);
    });
    this.#connection.listen();
  }

  /** None of these needs a loaded model, and none waits for fills. */
  #handleModels(): void {
    this.#handle(listModelsRequest, 'Cannot list models', (params) => listModels(params));
    this.#handle(inspectModelRequest, 'Cannot look up the model', (params, signal) =>
      inspectModel(params, { signal }),
    );
    this.#handle(addModelRequest, 'Cannot add the model', (params, signal) =>
      this.#addModel(params, signal),
    );
    this.#handle(removeModelRequest, 'Cannot remove the model', (params) => removeModel(params));
    this.#handle(verifyModelRequest, 'Cannot verify the model', (params, signal) =>
      verifyModel(params, { signal }),
    );
    this.#handle(benchRequest, 'Cannot measure the machine', (params, signal) =>
      bench(params, { signal }),
    );
  }

  async #addModel(params: AddModelParams, signal: AbortSignal): Promise<InstalledModel> {
    const token = params?.progressToken;
    const model = await addModel(params, {
      signal,
      ...(token !== undefined && {
        onProgress: sparingly((progress) => this.#report(addModelProgress, token, progress)),
      }),
    });
    this.#log('info', `Added ${model.name}: ${model.dir}`);
    return model;
  }

  #hello(params: HelloParams): HelloResult {
    const { version } = this.#options;
    if (params?.protocolVersion !== protocolVersion) {
      throw new LacunaError('versionMismatch', {
        doing: 'Cannot connect to the sampler process',
        found: `it speaks protocol version ${protocolVersion} (Lacuna ${version}), the other end ${params?.protocolVersion}`,
        advice: 'Reload the window so that both come from one version of Lacuna',
      });
    }
    this.#isGreeted = true;
    return { protocolVersion, serverVersion: version, pid: process.pid };
  }

  async #load(params: LoadParams, signal: AbortSignal): Promise<ModelInfo> {
    const token = params?.progressToken;
    const info = await this.#engine.load(params, {
      signal,
      onNote: (note) => this.#log('info', `Device passed over: ${note}`),
      ...(token !== undefined && {
        onProgress: (progress) => this.#report(loadProgress, token, progress),
      }),
    });
    const { name, device, threads, weights, loadMs } = info;
    const where = threads === undefined ? device : `${device}, threads: ${threads}`;
    this.#log('info', `Loaded ${name} (${weights}, ${where}) in ${Math.round(loadMs)} ms`);
    return info;
  }

  #fill(params: FillParams, signal: AbortSignal): Promise<FillResult> {
    const token = params?.progressToken;
    const priority = params?.priority ?? 'explicit';
    return this.#queue.run({ priority, owner: this.#connection, signal }, async (ticket) => {
      const waitedBeforeMs = ticket.waitedMs();
      const result = await this.#engine.fill(params, {
        signal: ticket.signal,
        turn: ticket.turn,
        ...(token !== undefined && {
          onStep: (step) => this.#report(fillProgress, token, step),
        }),
      });
      const queueMs = ticket.waitedMs();
      const elapsedMs = result.elapsedMs - (queueMs - waitedBeforeMs);
      const { steps, forwards } = result;
      const figures = `${steps} steps, ${forwards} forwards, ${Math.round(elapsedMs)} ms`;
      this.#log('debug', `Filled (${priority}): ${figures}`);
      return { ...result, elapsedMs, queueMs };
    });
  }

  /** Nobody's typing waits for it: it goes behind every fill that somebody asked for. */
  #score(params: ScoreParams, signal: AbortSignal): Promise<ScoreResult> {
    const token = params?.progressToken;
    const request = { priority: 'speculative', owner: this.#connection, signal } as const;
    return this.#queue.run(request, async (ticket) => {
      const waitedBeforeMs = ticket.waitedMs();
      const result = await this.#engine.score(params, {
        signal: ticket.signal,
        turn: ticket.turn,
        ...(token !== undefined && {
          onProgress: (fraction) => this.#report(scoreProgress, token, { fraction }),
        }),
      });
      const elapsedMs = result.elapsedMs - (ticket.waitedMs() - waitedBeforeMs);
      this.#log('debug', `Scored: ${result.forwards} forwards, ${Math.round(elapsedMs)} ms`);
      return { ...result, elapsedMs };
    });
  }

  #chat(params: ChatParams, signal: AbortSignal): Promise<ChatResult> {
    const token = params?.progressToken;
    const request = { priority: 'explicit', owner: this.#connection, signal } as const;
    return this.#queue.run(request, async (ticket) => {
      const waitedBeforeMs = ticket.waitedMs();
      const result = await this.#engine.chat(params, {
        signal: ticket.signal,
        turn: ticket.turn,
        ...(token !== undefined && {
          onStep: (step) => this.#report(chatProgress, token, step),
        }),
      });
      const queueMs = ticket.waitedMs();
      const elapsedMs = result.elapsedMs - (queueMs - waitedBeforeMs);
      this.#log('debug', `Answered: ${result.steps} steps, ${Math.round(elapsedMs)} ms`);
      return { ...result, elapsedMs, queueMs };
    });
  }

  #handle<P, R>(
    type: RequestType<P, R, ErrorData>,
    doing: string,
    work: (params: P, signal: AbortSignal) => Promise<R>,
  ): void {
    this.#connection.onRequest(type, async (params: P, token: CancellationToken) => {
      try {
        if (!this.#isGreeted && type.method !== helloRequest.method) throw notGreeted(type.method);
        return await work(params, signalOf(token));
      } catch (thrown) {
        const response = toErrorResponse(thrown, doing);
        if (!isAbort(thrown)) this.#log('warn', response.message);
        return response;
      }
    });
  }

  #report<P>(type: ProgressType<P>, token: string, progress: P): void {
    this.#connection.sendProgress(type, token, progress).catch(ignoreClosed);
  }

  #log(level: LogMessage['level'], text: string): void {
    this.#connection.sendNotification(logNotification, { level, text }).catch(ignoreClosed);
  }
}

/** A download reports each of its pieces, thousands in a second; nobody reads more than a few. */
function sparingly(report: (progress: AddProgress) => void): (progress: AddProgress) => void {
  let nextMs = 0;
  let stage = '';
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs < nextMs && progress.stage === stage && progress.note === undefined) return;
    nextMs = nowMs + 100;
    stage = progress.stage;
    report(progress);
  };
}

/** Whoever waited for it is gone. */
function ignoreClosed(): void {}

function signalOf(token: CancellationToken): AbortSignal {
  const aborter = new AbortController();
  if (token.isCancellationRequested) aborter.abort();
  else token.onCancellationRequested(() => aborter.abort());
  return aborter.signal;
}

function notGreeted(method: string): LacunaError {
  return new LacunaError('badUsage', {
    doing: `Cannot answer ${method}`,
    found: 'no hello came before it',
    advice: `Send ${helloRequest.method} first`,
  });
}
