/**
 * The models of the process: one copy of the weights for all who ask for the same folder on the same
 * device, gone when the last one lets go, out of memory while nobody asks. Knows no messages; what it
 * hands out looks like a model that was opened for one alone.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { openModel, type LoadedModel, type OpenOptions } from '../../model/load';
import type { LoadProgress } from '../../protocol/messages';
import type { ModelState } from '../../protocol/processMessages';
import { LeasedDenoiser } from './leasedDenoiser';
import { PooledModel } from './pooledModel';

export interface PoolOptions {
  readonly open?: typeof openModel;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** What happened to a model, for the log. */
  readonly onNote?: (text: string) => void;
  /** Told before a model is opened, and after: the process may not answer meanwhile. */
  readonly onOpening?: (isOpening: boolean) => Promise<void>;
}

interface Opening {
  readonly model: Promise<PooledModel>;
  readonly aborter: AbortController;
  readonly listeners: Set<(progress: LoadProgress) => void>;
  waiting: number;
}

export class ModelPool {
  readonly #open: typeof openModel;
  readonly #now: () => number;
  readonly #onNote: (text: string) => void;
  readonly #onOpening: (isOpening: boolean) => Promise<void>;
  readonly #models = new Map<string, PooledModel>();
  readonly #openings = new Map<string, Opening>();

  constructor(options: PoolOptions = {}) {
    this.#now = options.now ?? (() => performance.now());
    this.#onNote = options.onNote ?? (() => {});
    this.#onOpening = options.onOpening ?? (() => Promise.resolve());
    const open = options.open ?? openModel;
    this.#open = async (folder, wishes) => {
      await this.#onOpening(true);
      try {
        return await open(folder, wishes);
      } finally {
        await this.#onOpening(false);
      }
    };
  }

  /** As `openModel`; the same weights serve every equal wish. Whoever gets it disposes its denoiser. */
  readonly open = async (folder: string, options: OpenOptions): Promise<LoadedModel> => {
    const started = this.#now();
    const key = await keyOf(folder, options);
    const pooled = this.#models.get(key) ?? (await this.#opened(key, folder, options));
    options.signal?.throwIfAborted();
    options.onProgress?.({ stage: 'warming', fraction: 1 });
    return {
      ...pooled.model,
      denoiser: new LeasedDenoiser(pooled, () => this.#letGo(key, pooled)),
      loadMs: this.#now() - started,
    };
  };

  /**
   * Takes weights out of memory that nothing has asked for, those of longest ago first.
   * @param until called before each; true: enough is done.
   * @param except the folder of a model that is about to be used.
   */
  async unloadIdle(
    idleMs: number,
    { until = () => false, except }: { until?: () => boolean; except?: string | undefined } = {},
  ): Promise<void> {
    const idle = [...this.#models.values()]
      .filter((model) => model.inMemory && model.idleMs >= idleMs && model.model.dir !== except)
      .sort((one, other) => other.idleMs - one.idleMs);
    for (const model of idle) {
      if (until()) return;
      await model.unload();
    }
  }

  describe(): ModelState[] {
    return [...this.#models.values()].map((model) => model.describe());
  }

  /** Waits for an opening that is under way; whoever is the last to give up calls it off. */
  async #opened(key: string, folder: string, options: OpenOptions): Promise<PooledModel> {
    const { signal, onProgress } = options;
    const under = this.#openings.get(key);
    const isCalledOff = under?.aborter.signal.aborted ?? true;
    const opening = isCalledOff ? this.#begin(key, folder, options) : under!;
    opening.waiting++;
    if (onProgress) opening.listeners.add(onProgress);
    let giveUp = () => {};
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal!.reason as Error);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
    try {
      return await Promise.race([opening.model, givenUp]);
    } finally {
      signal?.removeEventListener('abort', giveUp);
      if (onProgress) opening.listeners.delete(onProgress);
      opening.waiting--;
      if (opening.waiting === 0) opening.aborter.abort(signal?.reason);
    }
  }

  #begin(key: string, folder: string, options: OpenOptions): Opening {
    const aborter = new AbortController();
    const listeners = new Set<(progress: LoadProgress) => void>();
    const wishes: OpenOptions = {
      ...options,
      signal: aborter.signal,
      onProgress: (progress) => listeners.forEach((listener) => listener(progress)),
    };
    const open = async () => {
      const loaded = await this.#open(folder, wishes);
      const { device } = loaded;
      // Opened again as it was: from the folder that it came from in the end, on the same device.
      const { onProgress: _, signal: __, ...again } = wishes;
      const reopen = async () => {
        const isSame = (await keyOf(folder, options)) === key;
        return isSame ? this.#open(loaded.dir, { ...again, device }) : undefined;
      };
      const model = new PooledModel(loaded, { reopen, now: this.#now, onNote: this.#onNote });
      // The last one may have given up while it was being opened.
      if (opening.waiting === 0) await model.dispose();
      else this.#models.set(key, model);
      return model;
    };
    const opening: Opening = {
      model: open().finally(() => {
        if (this.#openings.get(key) === opening) this.#openings.delete(key);
      }),
      aborter,
      listeners,
      waiting: 0,
    };
    opening.model.catch(() => {}); // those who wait are told
    this.#openings.set(key, opening);
    return opening;
  }

  async #letGo(key: string, model: PooledModel): Promise<void> {
    if (model.users > 0) return;
    if (this.#models.get(key) === model) this.#models.delete(key);
    await model.dispose();
  }
}

/** Equal for equal weights: the folder as it lies there now, and what it is opened with. */
async function keyOf(folder: string, options: OpenOptions): Promise<string> {
  const { device, threads, cacheDir, weights, attention } = options;
  const wishes = [device, threads, cacheDir, weights, attention];
  try {
    const real = await realpath(folder);
    const names = (await readdir(real)).sort();
    const facts = names.map(async (name) => {
      const { size, mtimeMs } = await stat(path.join(real, name));
      return [name, size, mtimeMs];
    });
    return JSON.stringify([real, await Promise.all(facts), ...wishes]);
  } catch {
    return JSON.stringify([folder, ...wishes]); // opening it says what is wrong
  }
}
