/**
 * The sampler as the rest of the world sees it: load a model, fill gaps, watch the status. When it is
 * started and started again is decided in samplerLife.ts. Knows neither VS Code nor how fills are
 * made; used by the extension, the CLI, tests and bench.
 */
import type { RequestType } from 'vscode-jsonrpc/node';
import {
  chatProgress,
  chatRequest,
  countTokensRequest,
  previewRequest,
  type ChatParams,
  type ChatResult,
  type ChatStep,
  type CountTokensParams,
  type CountTokensResult,
  type PreviewParams,
  type PreviewResult,
} from '../protocol/chatMessages';
import {
  fillProgress,
  fillRequest,
  scoreProgress,
  scoreRequest,
  type ErrorData,
  type FillParams,
  type FillResult,
  type FillStep,
  type LoadParams,
  type LoadProgress,
  type ModelInfo,
  type ScoreParams,
  type ScoreProgress,
  type ScoreResult,
} from '../protocol/messages';
import { processStatusRequest, type ProcessStatus } from '../protocol/processMessages';
import { SamplerLife, type ClientOptions } from './samplerLife';
import type { RequestOptions } from './samplerLink';
import type { SamplerStatus } from './samplerStatus';

export type { ClientOptions } from './samplerLife';
export type { SamplerStatus } from './samplerStatus';

export class SamplerClient {
  readonly #life: SamplerLife;

  constructor(options: ClientOptions) {
    this.#life = new SamplerLife(options);
  }

  get status(): SamplerStatus {
    return this.#life.board.status;
  }

  /** What was loaded last, as it was asked for. */
  get lastLoad(): LoadParams | undefined {
    return this.#life.board.lastLoad;
  }

  /** Process id while one runs on this machine. */
  get pid(): number | undefined {
    return this.#life.pid;
  }

  /** Calls `listener` at every change until disposed. */
  onStatus(listener: (status: SamplerStatus) => void): { dispose(): void } {
    return this.#life.board.onStatus(listener);
  }

  /** Loads a model, starting the process if need be. The model before it stays when this fails. */
  load(
    params: LoadParams,
    options: { signal?: AbortSignal; onProgress?: (progress: LoadProgress) => void } = {},
  ): Promise<ModelInfo> {
    return this.#life.load(params, options);
  }

  /** Fills gaps. During a restart it waits for the process to be back. */
  async fill(
    params: FillParams,
    options: { signal?: AbortSignal; onStep?: (step: FillStep) => void } = {},
  ): Promise<FillResult> {
    const doing = 'Cannot fill';
    const { signal, onStep } = options;
    const link = await this.#life.ready(doing, signal);
    return link.request(fillRequest, params, {
      doing,
      signal,
      ...(onStep && { progress: { type: fillProgress, onProgress: onStep } }),
    });
  }

  /** Says how sure the model is of text that stands there; fills go before it. */
  async score(
    params: ScoreParams,
    options: { signal?: AbortSignal; onProgress?: (progress: ScoreProgress) => void } = {},
  ): Promise<ScoreResult> {
    const doing = 'Cannot score';
    const { signal, onProgress } = options;
    const link = await this.#life.ready(doing, signal);
    return link.request(scoreRequest, params, {
      doing,
      signal,
      ...(onProgress && { progress: { type: scoreProgress, onProgress } }),
    });
  }

  /** Answers the last of some messages; for models that were tuned to converse. */
  async chat(
    params: ChatParams,
    options: { signal?: AbortSignal; onStep?: (step: ChatStep) => void } = {},
  ): Promise<ChatResult> {
    const doing = 'Cannot answer';
    const { signal, onStep } = options;
    const link = await this.#life.ready(doing, signal);
    return link.request(chatRequest, params, {
      doing,
      signal,
      ...(onStep && { progress: { type: chatProgress, onProgress: onStep } }),
    });
  }

  /** Counts tokens as the loaded model does. */
  async countTokens(
    params: CountTokensParams,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<CountTokensResult> {
    const doing = 'Cannot count tokens';
    const link = await this.#life.ready(doing, signal);
    return link.request(countTokensRequest, params, { doing, signal });
  }

  /** What the model would read; nothing is run. */
  async preview(
    params: PreviewParams,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<PreviewResult> {
    const doing = 'Cannot show what would be sent';
    const link = await this.#life.ready(doing, signal);
    return link.request(previewRequest, params, { doing, signal });
  }

  /** Any other request, with a loaded model or without; starts the process if need be. */
  async ask<P, R, Progress = never>(
    type: RequestType<P, R, ErrorData>,
    params: P,
    options: RequestOptions<Progress>,
  ): Promise<R> {
    const link = await this.#life.up(options.doing, options.signal);
    return link.request(type, params, options);
  }

  /** Ends the process and starts a fresh one with the model that was loaded last. */
  restart(): Promise<void> {
    return this.#life.restart();
  }

  /** Lets go of the sampler and its model; the next load connects anew, perhaps elsewhere. */
  disconnect(): Promise<void> {
    return this.#life.disconnect();
  }

  /** Connects anew, perhaps another way; the process goes on for whoever else uses it. */
  reconnect(): Promise<void> {
    return this.#life.reconnect();
  }

  /** Ends the process until somebody asks for it again; with it go the other windows' connections. */
  stop(): Promise<void> {
    return this.#life.stop();
  }

  /** What process it is, whom it serves, what it holds. Starts none. */
  async processStatus(): Promise<ProcessStatus> {
    const doing = 'Cannot say how the process is';
    const link = await this.#life.ready(doing, undefined);
    return link.request(processStatusRequest, undefined, { doing });
  }

  /** To be called when what `limits` says has changed. */
  tellLimits(): Promise<void> {
    return this.#life.tellLimits();
  }

  /** Lets go of the process for good; safe to call twice. */
  dispose(): Promise<void> {
    return this.#life.dispose();
  }
}
