/**
 * Against the arithmetic: what the operations of a forward would take at the machine's best rate of matrix
 * products, and its bytes at the rate of copying memory; the larger of the two is the bound. Both rates are
 * measured in the same rounds, through the same runtime.
 */
import { figure, type Row, type Section } from '../support/report';
import { copyRate, productRate } from '../support/machinePeak';
import { inForwards, OwnSampler } from '../support/ownSampler';
import { madeUpPlace } from '../support/places';
import type { Setting } from '../support/setting';
import { headParameters, linearParameters, shapes, type Shape } from '../support/shapes';
import { shown, summarize, takeTurns } from '../support/statistics';

const [tokens, gap, forwards] = [512, 32, 11];

export interface Rates {
  /** 10^9 a second: operations on bytes, on floats; bytes read and written. */
  readonly q8: number;
  readonly f32: number;
  readonly copy: number;
}

export interface Work {
  /** Rows that run, rows whose logits are wanted, cached positions. */
  readonly rows: number;
  readonly wanted: number;
  readonly past: number;
}

/** Milliseconds that a forward takes at least. */
export function bound(shape: Shape, { rows, wanted, past }: Work, rates: Rates): number {
  const linear = 2 * (linearParameters(shape) * rows + headParameters(shape) * wanted);
  const attention = 4 * shape.layers * shape.hidden * rows * (rows + past);
  const compute = linear / rates.q8 + attention / rates.f32;
  const keysAndValues = 2 * 4 * shape.layers * shape.hidden * (rows + past);
  const bytes = linearParameters(shape) + headParameters(shape) + keysAndValues;
  return Math.max(compute, bytes / rates.copy) / 1e6;
}

export async function againstArithmetic(setting: Setting): Promise<Section> {
  const rows: Row[] = [];
  const notes: string[] = [];
  for (const shape of [shapes['127M'], shapes.embedded]) {
    const own = await OwnSampler.ofShape(shape, setting.cache, setting.threads);
    const [q8, f32] = [
      await productRate('q8', setting.cache, setting.threads),
      await productRate('f32', setting.cache, setting.threads),
    ];
    const place = madeUpPlace(tokens, gap, shape.vocabulary);
    const full: number[] = [];
    const window: number[] = [];
    try {
      const taken = await takeTurns<string, number>(
        {
          q8: q8.side,
          f32: f32.side,
          copy: copyRate(linearParameters(shape) + headParameters(shape)),
          fill: async () => {
            const { each, cpuMs } = await own.fill(place, inForwards(forwards));
            full.push(each[0]!.cpuMs);
            window.push(summarize(each.slice(1).map((one) => one.cpuMs)).median);
            return cpuMs;
          },
        },
        setting.rounds,
      );
      const best = (name: string) => Math.max(...taken[name]!);
      const rates = { q8: best('q8'), f32: best('f32'), copy: best('copy') };
      const fullBound = bound(shape, { rows: tokens, wanted: gap, past: 0 }, rates);
      const work = { rows: gap + 1, wanted: gap / 2, past: tokens - gap - 1 };
      const windowBound = bound(shape, work, rates);
      const times = (values: readonly number[], least: number) =>
        values.map((value) => value / least);
      rows.push(
        figure(
          `${shape.name}: full forward`,
          times(full.slice(1), fullBound),
          'times the bound',
          2,
        ),
        figure(
          `${shape.name}: windowed forward`,
          times(window.slice(1), windowBound),
          'times the bound',
          2,
        ),
        figure(
          `${shape.name}: a whole fill, ${forwards} forwards`,
          times(taken['fill']!, fullBound + (forwards - 1) * windowBound),
          ...(['times the bound', 2] as const),
        ),
      );
      notes.push(
        `${shape.name}: bounds of ${shown(fullBound)} ms (full, ${shown(summarize(full.slice(1)).median)} measured) and ` +
          `${shown(windowBound)} ms (window, ${shown(summarize(window.slice(1)).median)} measured) at ${shown(rates.q8)} GOP/s ` +
          `on bytes, ${shown(rates.f32)} on floats, ${shown(rates.copy)} GB/s copied; the best of all rounds, one thread.`,
      );
    } finally {
      await own.dispose();
      await q8.dispose();
      await f32.dispose();
    }
  }
  return { title: 'Against the arithmetic', rows, notes };
}
