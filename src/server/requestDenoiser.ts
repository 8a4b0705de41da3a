/**
 * A model as one request sees it: waits for its turn before each forward, so that messages are read
 * and more urgent requests go first, stops when the request is aborted, and counts the time inside
 * the network. Does not own the model.
 */
import type { Denoiser, ForwardRequest, ForwardResult } from '../model/denoiser';
import { letMessagesIn } from './queue';

export interface TurnOptions {
  readonly signal?: AbortSignal;
  /** Awaited before each forward. */
  readonly turn?: () => Promise<void>;
}

export class RequestDenoiser implements Denoiser {
  /** Spent inside the network so far. */
  forwardMs = 0;
  /** The latest windowed forward, ms; a full one says nothing of the steps that follow it. */
  #stepMs: number | undefined;
  readonly vocabSize: number;
  readonly maxTokens: number;
  readonly predictLength?: (ids: Int32Array) => Promise<Float32Array>;
  readonly #inner: Denoiser;
  readonly #now: () => number;
  readonly #options: TurnOptions;

  constructor(inner: Denoiser, now: () => number, options: TurnOptions) {
    this.vocabSize = inner.vocabSize;
    this.maxTokens = inner.maxTokens;
    this.#inner = inner;
    this.#now = now;
    this.#options = options;
    if (inner.predictLength) {
      this.predictLength = (ids) => this.#inTurn(() => inner.predictLength!(ids));
    }
  }

  async forward(request: ForwardRequest): Promise<ForwardResult> {
    const before = this.forwardMs;
    const result = await this.#inTurn(() => this.#inner.forward(request));
    if (request.past) this.#stepMs = this.forwardMs - before;
    return result;
  }

  /** How many denoise steps such a time is enough for; unknown before the first one is any number. */
  stepsIn(ms: number): number {
    if (ms <= 0) return 0;
    return this.#stepMs === undefined ? Infinity : Math.floor(ms / this.#stepMs);
  }

  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const { signal, turn = letMessagesIn } = this.#options;
    await turn();
    signal?.throwIfAborted();
    const start = this.#now();
    const result = await run();
    this.forwardMs += this.#now() - start;
    return result;
  }

  /** The model outlives its requests. */
  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
