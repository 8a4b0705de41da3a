/**
 * How much memory the process may hold. Beyond that idle models go, then new work is refused with a
 * reason, so that the process is not the one that the system ends without any. Knows no model.
 */
import os from 'node:os';
import { LacunaError } from '../../protocol/errors';

/** Share of the machine's memory where nobody said how much. */
const usualShare = 0.8;
/** Models asked for a moment ago are not idle: what is typed next would wait for them. */
const idleMs = 1000;

export interface MemoryOptions {
  /** Unloads idle models until enough is free; never the one of the folder named. */
  readonly unload: (
    idleMs: number,
    options: { until: () => boolean; except?: string | undefined },
  ) => Promise<void>;
  /** Bytes that the process holds now. */
  readonly heldBytes?: () => number;
}

export class MemoryWatch {
  readonly #unload: MemoryOptions['unload'];
  readonly #heldBytes: () => number;
  #limitBytes = usualLimitBytes();

  constructor({ unload, heldBytes = () => process.memoryUsage.rss() }: MemoryOptions) {
    this.#unload = unload;
    this.#heldBytes = heldBytes;
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes();
  }

  /** @param megabytes 0: most of the machine's. */
  setLimit(megabytes: number): void {
    this.#limitBytes = megabytes > 0 ? megabytes * 2 ** 20 : usualLimitBytes();
  }

  /** Keeps to the limit as far as idle models can help; for the clock. */
  async relax(): Promise<void> {
    await this.#unload(idleMs, { until: () => this.#heldBytes() <= this.#limitBytes });
  }

  /**
   * To be called before new work.
   * @param bytes what it will hold beyond what is held now.
   * @param except the folder of the model that it needs.
   * @throws LacunaError `memoryFull`
   */
  async makeRoom(doing: string, bytes: number, except?: string): Promise<void> {
    const fits = () => this.#heldBytes() + bytes <= this.#limitBytes;
    if (fits()) return;
    await this.#unload(idleMs, { until: fits, except });
    if (fits()) return;
    const needs = bytes > 0 ? ` and would take ${megabytes(bytes)} more` : '';
    throw new LacunaError('memoryFull', {
      doing,
      found: `the sampler process holds ${megabytes(this.#heldBytes())}${needs}; it may hold ${megabytes(this.#limitBytes)}`,
      advice: 'Choose a smaller model, restart the sampler, or raise "lacuna.server.memoryLimit"',
    });
  }
}

/** In a container what it was given counts, not what the machine has. */
function usualLimitBytes(): number {
  const given = process.constrainedMemory?.() ?? 0;
  const all = os.totalmem();
  return usualShare * (given > 0 && given < all ? given : all);
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`;
}
