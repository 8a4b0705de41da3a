/**
 * How fast a download goes and when it will be done, from the bytes that came in the last seconds.
 * Pure; the clock is given to it. What was there before the start does not count as speed.
 */
export interface TransferState {
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** 0 before anything came. */
  readonly bytesPerSecond: number;
  /** Absent while nothing comes. */
  readonly secondsLeft?: number;
}

const windowMs = 8_000;

export class TransferMeter {
  /** Of the last seconds, oldest first. */
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  constructor(
    private readonly totalBytes: number,
    private readonly now: () => number,
  ) {}

  /** @param doneBytes all that is there now; less than before where a file had to start anew. */
  update(doneBytes: number): TransferState {
    const atMs = this.now();
    const last = this.#samples.at(-1);
    if (last !== undefined && doneBytes < last.bytes) this.#samples = [];
    this.#samples.push({ atMs, bytes: doneBytes });
    while (this.#samples.length > 2 && atMs - this.#samples[0]!.atMs > windowMs) {
      this.#samples.shift();
    }
    const first = this.#samples[0]!;
    const seconds = (atMs - first.atMs) / 1000;
    const bytesPerSecond = seconds > 0 ? (doneBytes - first.bytes) / seconds : 0;
    const { totalBytes } = this;
    return {
      doneBytes,
      totalBytes,
      bytesPerSecond,
      ...(bytesPerSecond > 0 && { secondsLeft: (totalBytes - doneBytes) / bytesPerSecond }),
    };
  }
}
