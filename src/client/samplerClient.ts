/**
 * The sampler process as the rest of the world sees it: load a model, fill gaps, watch the status.
 * Starts the process when it is first needed, and after a crash starts it again and reloads the
 * model. Knows neither VS Code nor how fills are made; used by the extension, tests and bench.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestType } from 'vscode-jsonrpc/node';
import { isAbort, LacunaError } from '../protocol/errors';
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
  loadProgress,
  loadRequest,
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
import { orAbort } from './orAbort';
import { RestartPolicy } from './restartPolicy';
import { samplerGone, SamplerLink, type LinkOptions, type RequestOptions } from './samplerLink';

export interface SamplerStatus {
  readonly state: 'stopped' | 'starting' | 'loading' | 'ready' | 'failed' | 'restarting';
  /** Why, for people; empty when there is nothing to say. */
  readonly detail: string;
  /** 0..1 within a load. */
  readonly progress?: number;
  /** The model that fills are made with. */
  readonly model?: ModelInfo;
}

export interface ClientOptions extends LinkOptions {
  readonly restartPolicy?: RestartPolicy;
}

export class SamplerClient {
  readonly #options: ClientOptions;
  readonly #policy: RestartPolicy;
  readonly #listeners = new Set<(status: SamplerStatus) => void>();
  #status: SamplerStatus = { state: 'stopped', detail: '' };
  #link: SamplerLink | undefined;
  /** Resolves when requests can be sent; absent while no process runs or is about to. */
  #up: Promise<SamplerLink> | undefined;
  /** Aborts the wait before a restart. */
  #waiting: AbortController | undefined;
  #lastLoad: LoadParams | undefined;
  #loads = 0;
  #isDisposed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#policy = options.restartPolicy ?? new RestartPolicy();
  }

  get status(): SamplerStatus {
    return this.#status;
  }

  /** What was loaded last, as it was asked for. */
  get lastLoad(): LoadParams | undefined {
    return this.#lastLoad;
  }

  /** Process id while one runs. */
  get pid(): number | undefined {
    return this.#link?.pid;
  }

  /** Calls `listener` at every change until disposed. */
  onStatus(listener: (status: SamplerStatus) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Loads a model, starting the process if need be. The model before it stays when this fails. */
  async load(
    params: LoadParams,
    options: { signal?: AbortSignal; onProgress?: (progress: LoadProgress) => void } = {},
  ): Promise<ModelInfo> {
    this.#failIfDisposed('Cannot load the model');
    this.#up ??= this.#start();
    const link = await orAbort(this.#up, options.signal);
    return this.#load(link, params, options);
  }

  /** Fills gaps. During a restart it waits for the process to be back. */
  async fill(
    params: FillParams,
    options: { signal?: AbortSignal; onStep?: (step: FillStep) => void } = {},
  ): Promise<FillResult> {
    const doing = 'Cannot fill';
    const { signal, onStep } = options;
    const link = await this.#ready(doing, signal);
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
    const link = await this.#ready(doing, signal);
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
    const link = await this.#ready(doing, signal);
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
    const link = await this.#ready(doing, signal);
    return link.request(countTokensRequest, params, { doing, signal });
  }

  /** What the model would read; nothing is run. */
  async preview(
    params: PreviewParams,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<PreviewResult> {
    const doing = 'Cannot show what would be sent';
    const link = await this.#ready(doing, signal);
    return link.request(previewRequest, params, { doing, signal });
  }

  /** Any other request, with a loaded model or without; starts the process if need be. */
  async ask<P, R, Progress = never>(
    type: RequestType<P, R, ErrorData>,
    params: P,
    options: RequestOptions<Progress>,
  ): Promise<R> {
    this.#failIfDisposed(options.doing);
    this.#up ??= this.#start();
    const link = await orAbort(this.#up, options.signal);
    return link.request(type, params, options);
  }

  /** Ends the process and starts a fresh one with the model that was loaded last. */
  async restart(): Promise<void> {
    this.#failIfDisposed('Cannot restart');
    this.#policy.reset();
    await this.#stop('it is being restarted');
    this.#up = this.#revive(0);
    await this.#up;
  }

  /** Ends the process for good; safe to call twice. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#stop('Lacuna is closing');
    this.#setStatus({ state: 'stopped', detail: '' });
    this.#listeners.clear();
  }

  /** The process once it takes requests. @throws LacunaError when none is there or coming. */
  #ready(doing: string, signal: AbortSignal | undefined): Promise<SamplerLink> {
    this.#failIfDisposed(doing);
    if (this.#up !== undefined) return orAbort(this.#up, signal);
    if (this.#status.state === 'failed') throw samplerGone(doing, this.#status.detail);
    throw new LacunaError('noModel', { doing, found: 'no model is loaded', advice: 'Load one' });
  }

  async #stop(reason: string): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    this.#up = undefined;
    this.#waiting?.abort();
    await link?.dispose(reason);
  }

  async #start(): Promise<SamplerLink> {
    this.#setStatus({ state: 'starting', detail: '' });
    const link = new SamplerLink(this.#options);
    this.#link = link;
    void link.gone.then((reason) => this.#onGone(link, reason));
    try {
      await link.hello();
      return link;
    } catch (thrown) {
      if (this.#link === link) await this.#fail(link, thrown);
      throw thrown;
    }
  }

  /** A process that answers, but not as it should. */
  async #fail(link: SamplerLink, thrown: unknown): Promise<void> {
    const isDying = thrown instanceof LacunaError && thrown.code === 'samplerGone';
    if (isDying) return; // #onGone decides
    this.#link = undefined;
    this.#up = undefined;
    this.#setStatus({ state: 'failed', detail: messageOf(thrown) });
    await link.dispose('it does not fit');
  }

  /** The process ended though nobody asked it to. */
  #onGone(link: SamplerLink, reason: string): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#up = undefined;
    const decision = this.#lastLoad && this.#policy.crashed();
    if (decision?.restart !== true) {
      const gaveUp = decision === undefined ? '' : `, and it stays down because ${decision.reason}`;
      this.#setStatus({ state: 'failed', detail: `${reason}${gaveUp}` });
      return;
    }
    const seconds = decision.delayMs / 1000;
    this.#setStatus({ state: 'restarting', detail: `${reason}; starting again in ${seconds} s` });
    this.#up = this.#revive(decision.delayMs);
    this.#up.catch(() => {}); // the status tells; whoever waits for it gets the error too
  }

  async #revive(delayMs: number): Promise<SamplerLink> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    if (delayMs > 0) {
      await sleep(delayMs, undefined, { signal: waiting.signal }).catch(() => {
        throw samplerGone('Cannot go on', 'its restart was called off');
      });
    }
    const link = await this.#start();
    if (this.#lastLoad === undefined) this.#setStatus({ state: 'stopped', detail: '' });
    else await this.#load(link, this.#lastLoad, {});
    return link;
  }

  async #load(
    link: SamplerLink,
    params: LoadParams,
    options: {
      readonly signal?: AbortSignal;
      readonly onProgress?: (progress: LoadProgress) => void;
    },
  ): Promise<ModelInfo> {
    const load = ++this.#loads;
    const before = this.#status.model;
    const kept = before === undefined ? {} : { model: before };
    // A newer load, or the end of this process, has the say over the status.
    const tell = (status: SamplerStatus) => {
      if (load === this.#loads && this.#link === link) this.#setStatus(status);
    };
    tell({ state: 'loading', detail: params.modelDir, progress: 0, ...kept });
    try {
      const model = await link.request(loadRequest, params, {
        doing: 'Cannot load the model',
        signal: options.signal,
        progress: {
          type: loadProgress,
          onProgress: (progress) => {
            options.onProgress?.(progress);
            const { stage, fraction } = progress;
            tell({ state: 'loading', detail: stage, progress: fraction, ...kept });
          },
        },
      });
      this.#lastLoad = params;
      tell({ state: 'ready', detail: '', model });
      return model;
    } catch (thrown) {
      const detail = isAbort(thrown) ? '' : messageOf(thrown);
      if (before !== undefined) tell({ state: 'ready', detail, ...kept });
      else tell({ state: isAbort(thrown) ? 'stopped' : 'failed', detail });
      throw thrown;
    }
  }

  #setStatus(status: SamplerStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }

  #failIfDisposed(doing: string): void {
    if (this.#isDisposed) throw samplerGone(doing, 'Lacuna is closing');
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
