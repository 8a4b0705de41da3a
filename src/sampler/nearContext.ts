/**
 * Keys and values of a window's own rows between two steps, so that the next step runs only the rows that it
 * reads and those whose token has changed ("delayed caching", dKV-Cache, arXiv 2505.15781: a token's keys are
 * kept one step after its commit, when they were computed with it in place). A mask that is not read keeps those
 * of an earlier step. Knows no network, no commit rule and nothing of the text around the window.
 */
import type { ForwardRequest, KeyValueCache } from '../model/denoiser';
import type { Canvas } from './canvas';

export class NearContext {
  readonly #places: ReadonlyMap<number, number>;
  readonly #ids: Int32Array;

  /** @param rows of the window, ascending, as they were run on `canvas`; owns `cache`, which holds them all. */
  constructor(
    private readonly rows: readonly number[],
    canvas: Canvas,
    private readonly cache: KeyValueCache,
  ) {
    this.#places = new Map(rows.map((row, place) => [row, place]));
    this.#ids = Int32Array.from(rows, (row) => canvas.ids[row]!);
  }

  /** Rows that have to run: what is read, and what holds another token by now. */
  toRun({ ids }: Canvas, read: ReadonlySet<number>): number[] {
    return this.rows.filter((row, place) => read.has(row) || ids[row] !== this.#ids[place]);
  }

  /** All rows but `run`, as a request has them. */
  without(run: readonly number[]): NonNullable<ForwardRequest['near']> {
    const running = new Set(run);
    const rows = Int32Array.from(this.rows.keys()).filter((at) => !running.has(this.rows[at]!));
    return { cache: this.cache, rows };
  }

  /** `kept` are the keys and values of `run`, of `canvas` as it stands; takes them over. */
  update({ ids }: Canvas, run: readonly number[], kept: KeyValueCache): void {
    const places = Int32Array.from(run, (row) => this.#places.get(row)!);
    this.cache.replace(places, kept);
    kept.dispose();
    for (const place of places) this.#ids[place] = ids[this.rows[place]!]!;
  }

  dispose(): void {
    this.cache.dispose();
  }
}
