/**
 * One model of the pool: its weights while they are in memory, how to get them back, who holds it and
 * since when nobody has asked. Knows neither the pool nor why it is unloaded.
 */
import type { Denoiser } from '../../model/denoiser';
import type { LoadedModel } from '../../model/load';
import { LacunaError } from '../../protocol/errors';
import type { ModelState } from '../../protocol/processMessages';

export interface PooledOptions {
  /** Opens it again; resolves to nothing when the folder is not what it was. */
  readonly reopen: () => Promise<LoadedModel | undefined>;
  readonly now: () => number;
  readonly onNote: (text: string) => void;
}

export class PooledModel {
  readonly model: LoadedModel;
  /** Leases that are out. */
  users = 0;
  readonly #options: PooledOptions;
  /** Absent while the weights are out of memory. */
  #denoiser: Promise<Denoiser> | undefined;
  #running = 0;
  #lastUseMs: number;

  constructor(model: LoadedModel, options: PooledOptions) {
    this.model = model;
    this.#options = options;
    this.#denoiser = Promise.resolve(model.denoiser);
    this.#lastUseMs = options.now();
  }

  get inMemory(): boolean {
    return this.#denoiser !== undefined;
  }

  /** 0 while something runs. */
  get idleMs(): number {
    return this.#running > 0 ? 0 : this.#options.now() - this.#lastUseMs;
  }

  /** Runs `work` on the weights, which come back into memory for it. */
  async use<T>(work: (denoiser: Denoiser) => Promise<T>): Promise<T> {
    this.#running++;
    try {
      this.#denoiser ??= this.#reopen();
      return await work(await this.#denoiser);
    } finally {
      this.#running--;
      this.#lastUseMs = this.#options.now();
    }
  }

  /** Takes the weights out of memory, unless something runs on them. */
  async unload(): Promise<void> {
    if (this.#denoiser === undefined || this.#running > 0) return;
    const seconds = Math.round(this.idleMs / 1000);
    await this.dispose();
    this.#options.onNote(`Unloaded ${this.model.manifest.name}, idle for ${seconds} s`);
  }

  async dispose(): Promise<void> {
    const denoiser = this.#denoiser;
    this.#denoiser = undefined;
    await (await denoiser)?.dispose();
  }

  describe(): ModelState {
    const { manifest, dir, device } = this.model;
    const { inMemory, users } = this;
    const idleMs = Math.round(this.idleMs);
    return { name: manifest.name, dir, device, weights: manifest.weights, users, inMemory, idleMs };
  }

  async #reopen(): Promise<Denoiser> {
    try {
      const again = await this.#options.reopen();
      if (again === undefined) throw hasChanged(this.model);
      const { name } = again.manifest;
      this.#options.onNote(`Loaded ${name} again in ${Math.round(again.loadMs)} ms`);
      return again.denoiser;
    } catch (thrown) {
      this.#denoiser = undefined; // the next request tries again
      throw thrown;
    }
  }
}

function hasChanged({ dir }: LoadedModel): LacunaError {
  return new LacunaError('badCheckpoint', {
    doing: 'Cannot load the model again',
    found: `"${dir}" was changed since it was loaded`,
    advice: 'Choose the model again, or restart the sampler',
  });
}
