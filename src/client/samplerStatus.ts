/**
 * What the sampler is doing, for those who watch, and the model that it was last asked to load. Says
 * how a load goes on; knows neither why one is made nor how a connection comes about.
 */
import { isAbort } from '../protocol/errors';
import {
  loadProgress,
  loadRequest,
  type LoadParams,
  type LoadProgress,
  type ModelInfo,
} from '../protocol/messages';
import type { SamplerLink } from './samplerLink';

export interface SamplerStatus {
  readonly state: 'stopped' | 'starting' | 'loading' | 'ready' | 'failed' | 'restarting';
  /** Why, for people; empty when there is nothing to say. */
  readonly detail: string;
  /** 0..1 within a load. */
  readonly progress?: number;
  /** The model that fills are made with. */
  readonly model?: ModelInfo;
}

export interface LoadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

export class StatusBoard {
  readonly #listeners = new Set<(status: SamplerStatus) => void>();
  #status: SamplerStatus = { state: 'stopped', detail: '' };
  #lastLoad: LoadParams | undefined;
  #loads = 0;

  get status(): SamplerStatus {
    return this.#status;
  }

  /** What was loaded last, as it was asked for. */
  get lastLoad(): LoadParams | undefined {
    return this.#lastLoad;
  }

  onStatus(listener: (status: SamplerStatus) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  set(status: SamplerStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }

  /** Nothing is loaded any more, and nothing is to be loaded again after a restart. */
  forget(): void {
    this.#lastLoad = undefined;
    this.set({ state: 'stopped', detail: '' });
  }

  close(): void {
    this.set({ state: 'stopped', detail: '' });
    this.#listeners.clear();
  }

  /** @param isCurrent false once the connection is not the one in use any more. */
  async load(
    link: SamplerLink,
    params: LoadParams,
    { signal, onProgress }: LoadOptions,
    isCurrent: () => boolean,
  ): Promise<ModelInfo> {
    const load = ++this.#loads;
    const before = this.#status.model;
    const kept = before === undefined ? {} : { model: before };
    // A newer load, or the end of this process, has the say over the status.
    const tell = (status: SamplerStatus) => {
      if (load === this.#loads && isCurrent()) this.set(status);
    };
    tell({ state: 'loading', detail: params.modelDir, progress: 0, ...kept });
    try {
      const model = await link.request(loadRequest, params, {
        doing: 'Cannot load the model',
        signal,
        progress: {
          type: loadProgress,
          onProgress: (progress) => {
            onProgress?.(progress);
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
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
