/**
 * When the sampler is started, left and started again: at the first request, after a crash with the
 * model that was loaded last, not after too many crashes. Tells the status. Knows no fills, and
 * nothing of how a connection is made.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort, LacunaError } from '../protocol/errors';
import {
  loadProgress,
  loadRequest,
  type LoadParams,
  type LoadProgress,
  type ModelInfo,
} from '../protocol/messages';
import { orAbort } from './orAbort';
import { RestartPolicy } from './restartPolicy';
import { samplerGone, SamplerLink, type LinkOptions } from './samplerLink';

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

/** Whoever ended the process starts the next one, and has the better right to. */
const farewellMs = 200;
const stopped = 'it was stopped';

interface LoadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export class SamplerLife {
  readonly #options: ClientOptions;
  readonly #policy: RestartPolicy;
  readonly #listeners = new Set<(status: SamplerStatus) => void>();
  #status: SamplerStatus = { state: 'stopped', detail: '' };
  #link: SamplerLink | undefined;
  /** Resolves when requests can be sent; absent while no process runs or is about to. */
  #up: Promise<SamplerLink> | undefined;
  /** Aborts a start, or the wait before it. */
  #coming = new AbortController();
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

  get lastLoad(): LoadParams | undefined {
    return this.#lastLoad;
  }

  get pid(): number | undefined {
    return this.#link?.pid;
  }

  onStatus(listener: (status: SamplerStatus) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  async load(params: LoadParams, options: LoadOptions): Promise<ModelInfo> {
    this.#failIfDisposed('Cannot load the model');
    this.#up ??= this.#start(); // and not with the model of before
    const link = await orAbort(this.#up, options.signal);
    return this.#load(link, params, options);
  }

  /** A connection, started if there is none. */
  async up(doing: string, signal: AbortSignal | undefined): Promise<SamplerLink> {
    this.#failIfDisposed(doing);
    this.#up ??= this.#revive(0);
    return orAbort(this.#up, signal);
  }

  /** The connection once it takes requests. @throws LacunaError when none is there or coming. */
  async ready(doing: string, signal: AbortSignal | undefined): Promise<SamplerLink> {
    this.#failIfDisposed(doing);
    if (this.#up !== undefined) return orAbort(this.#up, signal);
    const { state, detail } = this.#status;
    const isDown = state === 'failed' || (state === 'stopped' && detail !== '');
    if (isDown) throw samplerGone(doing, detail);
    throw new LacunaError('noModel', { doing, found: 'no model is loaded', advice: 'Load one' });
  }

  async restart(): Promise<void> {
    this.#failIfDisposed('Cannot restart');
    this.#policy.reset();
    await this.#leave((link) => link.end('it is being restarted', false));
    this.#up = this.#revive(0);
    await this.#up;
  }

  async reconnect(): Promise<void> {
    this.#failIfDisposed('Cannot connect anew');
    await this.#leave((link) => link.dispose('the way to it changes'));
    this.#up = this.#revive(0);
    await this.#up;
  }

  async stop(): Promise<void> {
    this.#failIfDisposed('Cannot stop');
    await this.#leave((link) => link.end(stopped, true));
    this.#setStatus({ state: 'stopped', detail: stopped });
  }

  /** Says the limits again: they have changed. */
  async tellLimits(): Promise<void> {
    await this.#link?.tellLimits();
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#leave((link) => link.dispose('Lacuna is closing'));
    this.#setStatus({ state: 'stopped', detail: '' });
    this.#listeners.clear();
  }

  async #leave(how: (link: SamplerLink) => Promise<void>): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    this.#up = undefined;
    this.#coming.abort();
    if (link) await how(link);
  }

  async #start(): Promise<SamplerLink> {
    this.#setStatus({ state: 'starting', detail: '' });
    const coming = new AbortController();
    this.#coming = coming;
    const link = await this.#open(coming.signal);
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

  async #open(signal: AbortSignal): Promise<SamplerLink> {
    let link: SamplerLink;
    try {
      link = await SamplerLink.open(this.#options, signal);
    } catch (thrown) {
      if (!signal.aborted) this.#lost(messageOf(thrown));
      throw signal.aborted ? calledOff() : thrown;
    }
    if (!signal.aborted) return link;
    await link.dispose('it is not wanted any more');
    throw calledOff();
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

  /** The connection ended though nobody asked it to. */
  #onGone(link: SamplerLink, reason: string): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#up = undefined;
    const { goodbye } = link;
    if (goodbye === undefined) return this.#lost(reason);
    if (goodbye.stop) return this.#setStatus({ state: 'stopped', detail: reason });
    this.#setStatus({ state: 'restarting', detail: reason });
    this.#reviveLater(farewellMs);
  }

  #lost(reason: string): void {
    this.#up = undefined;
    const decision = this.#lastLoad && this.#policy.crashed();
    if (decision?.restart !== true) {
      const gaveUp = decision === undefined ? '' : `, and it stays down because ${decision.reason}`;
      this.#setStatus({ state: 'failed', detail: `${reason}${gaveUp}` });
      return;
    }
    const seconds = decision.delayMs / 1000;
    this.#setStatus({ state: 'restarting', detail: `${reason}; starting again in ${seconds} s` });
    this.#reviveLater(decision.delayMs);
  }

  #reviveLater(delayMs: number): void {
    this.#up = this.#revive(delayMs);
    this.#up.catch(() => {}); // the status tells; whoever waits for it gets the error too
  }

  async #revive(delayMs: number): Promise<SamplerLink> {
    const coming = new AbortController();
    this.#coming = coming;
    if (delayMs > 0) {
      await sleep(delayMs, undefined, { signal: coming.signal }).catch(() => {
        throw calledOff();
      });
    }
    const link = await this.#start();
    if (this.#lastLoad === undefined) this.#setStatus({ state: 'stopped', detail: '' });
    else await this.#load(link, this.#lastLoad, {});
    return link;
  }

  async #load(link: SamplerLink, params: LoadParams, options: LoadOptions): Promise<ModelInfo> {
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

function calledOff(): LacunaError {
  return samplerGone('Cannot go on', 'its start was called off');
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
