/**
 * When the sampler is started, left and started again: at the first request, after a crash with the
 * model that was loaded last, not after too many crashes. Tells the status. Knows no fills, and
 * nothing of how a connection is made.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { LacunaError } from '../protocol/errors';
import type { LoadParams, ModelInfo } from '../protocol/messages';
import { orAbort } from './orAbort';
import { RestartPolicy } from './restartPolicy';
import { samplerGone } from './samplerErrors';
import { SamplerLink, type LinkOptions } from './samplerLink';
import { messageOf, StatusBoard, type LoadOptions } from './samplerStatus';

export interface ClientOptions extends LinkOptions {
  readonly restartPolicy?: RestartPolicy;
}

/** Whoever ended the process starts the next one, and has the better right to. */
const farewellMs = 200;
const stopped = 'it was stopped';

export class SamplerLife {
  readonly #options: ClientOptions;
  readonly #policy: RestartPolicy;
  /** What is told of it. */
  readonly board = new StatusBoard();
  #link: SamplerLink | undefined;
  /** Resolves when requests can be sent; absent while no process runs or is about to. */
  #up: Promise<SamplerLink> | undefined;
  /** Aborts a start, or the wait before it. */
  #coming = new AbortController();
  #isDisposed = false;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#policy = options.restartPolicy ?? new RestartPolicy();
  }

  get pid(): number | undefined {
    return this.#link?.pid;
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
    const { state, detail } = this.board.status;
    const isDown = state === 'failed' || (state === 'stopped' && detail !== '');
    if (isDown) throw samplerGone(doing, detail);
    throw new LacunaError('noModel', { doing, found: 'no model is loaded', advice: 'Load one' });
  }

  async restart(): Promise<void> {
    this.#failIfDisposed('Cannot restart');
    this.#policy.reset();
    await this.#renew((link, reason) => link.end(reason, false), 'it is being restarted');
  }

  async reconnect(): Promise<void> {
    this.#failIfDisposed('Cannot connect anew');
    await this.#renew((link, reason) => link.dispose(reason), 'the way to it changes');
  }

  async stop(): Promise<void> {
    this.#failIfDisposed('Cannot stop');
    await this.#leave((link) => link.end(stopped, true));
    this.board.set({ state: 'stopped', detail: stopped });
  }

  /** Says the limits again: they have changed. */
  async tellLimits(): Promise<void> {
    await this.#link?.tellLimits();
  }

  async disconnect(): Promise<void> {
    this.#failIfDisposed('Cannot connect elsewhere');
    this.#policy.reset();
    await this.#leave((link) => link.dispose('the connection is changed'));
    this.board.forget();
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.#leave((link) => link.dispose('Lacuna is closing'));
    this.board.close();
  }

  /** Requests that come meanwhile wait for the new connection. */
  async #renew(
    leave: (link: SamplerLink, reason: string) => Promise<void>,
    reason: string,
  ): Promise<void> {
    const left = this.#leave((link) => leave(link, reason));
    const coming = new AbortController();
    this.#coming = coming;
    this.#up = left.then(() => {
      if (coming.signal.aborted) throw calledOff();
      return this.#revive(0);
    });
    this.board.set({ state: 'restarting', detail: reason });
    await this.#up;
  }

  async #leave(how: (link: SamplerLink) => Promise<void>): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    this.#up = undefined;
    this.#coming.abort();
    if (link) await how(link);
  }

  async #start(): Promise<SamplerLink> {
    this.board.set({ state: 'starting', detail: '' });
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
    this.board.set({ state: 'failed', detail: messageOf(thrown) });
    await link.dispose('it does not fit');
  }

  /** The connection ended though nobody asked it to. */
  #onGone(link: SamplerLink, reason: string): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#up = undefined;
    const { goodbye } = link;
    if (goodbye === undefined) return this.#lost(reason);
    if (goodbye.stop) return this.board.set({ state: 'stopped', detail: reason });
    this.board.set({ state: 'restarting', detail: reason });
    this.#reviveLater(farewellMs);
  }

  #lost(reason: string): void {
    this.#up = undefined;
    const decision = this.board.lastLoad && this.#policy.crashed();
    if (decision?.restart !== true) {
      const gaveUp = decision === undefined ? '' : `, and it stays down because ${decision.reason}`;
      this.board.set({ state: 'failed', detail: `${reason}${gaveUp}` });
      return;
    }
    const seconds = decision.delayMs / 1000;
    this.board.set({ state: 'restarting', detail: `${reason}; starting again in ${seconds} s` });
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
    if (this.board.lastLoad === undefined) this.board.set({ state: 'stopped', detail: '' });
    else await this.#load(link, this.board.lastLoad, {});
    return link;
  }

  #load(link: SamplerLink, params: LoadParams, options: LoadOptions): Promise<ModelInfo> {
    return this.board.load(link, params, options, () => this.#link === link);
  }

  #failIfDisposed(doing: string): void {
    if (this.#isDisposed) throw samplerGone(doing, 'Lacuna is closing');
  }
}

function calledOff(): LacunaError {
  return samplerGone('Cannot go on', 'its start was called off');
}
