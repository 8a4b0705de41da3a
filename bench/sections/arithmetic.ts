/**
 * Against the arithmetic: what the operations of a forward would take at the machine's best rate of matrix
 * products, and its bytes at the rate of copying memory; the larger of the two is the bound. Both rates are
 * measured in the same rounds, through the same runtime.
 */
import { figure, type Row, type Section } from '../support/report';
import { copyRate, productRate } from '../support/machinePeak';
import { inForwards, OwnSampler, type ForwardCost, type OwnFill } from '../support/ownSampler';
import { madeUpPlace } from '../support/places';
import type { Setting } from '../support/setting';
import { headParameters, keySize, linearParameters, shapes, type Shape } from '../support/shapes';
import { shown, takeTurns } from '../support/statistics';

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
  const keysAndValues = 2 * 4 * shape.layers * keySize(shape) * (rows + past);
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
    const fills: OwnFill[] = [];
    try {
      const taken = await takeTurns<string, number>(
        {
          q8: q8.side,
          f32: f32.side,
          copy: copyRate(linearParameters(shape) + headParameters(shape)),
          fill: async () => {
            const fill = await own.fill(place, inForwards(forwards));
            fills.push(fill);
            return fill.cpuMs;
          },
        },
        setting.rounds,
      );
      const best = (name: string) => Math.max(...taken[name]!);
      const rates = { q8: best('q8'), f32: best('f32'), copy: best('copy') };
      const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
      const spent = (each: readonly ForwardCost[]) => sum(each.map(({ cpuMs }) => cpuMs));
      const least = (each: readonly ForwardCost[]) =>
        sum(each.map((work) => bound(shape, work, rates)));
      const measured = fills.slice(1); // the first round warms up
      const times = (part: (fill: OwnFill) => readonly ForwardCost[]) =>
        measured.map((fill) => spent(part(fill)) / least(part(fill)));
      const full = ({ each }: OwnFill) => each.slice(0, 1);
      const windows = ({ each }: OwnFill) => each.slice(1);
      const unit = ['times the bound', 2] as const;
      rows.push(
        figure(`${shape.name}: full forward`, times(full), ...unit),
        figure(`${shape.name}: windowed forwards`, times(windows), ...unit),
        figure(
          `${shape.name}: a whole fill, ${forwards} forwards`,
          measured.map((fill) => fill.cpuMs / least(fill.each)),
          ...unit,
        ),
      );
      const last = measured.at(-1)!;
      const mean = (of: (each: readonly ForwardCost[]) => number) =>
        shown(of(windows(last)) / (forwards - 1));
      notes.push(
        `${shape.name}: bounds of ${shown(least(full(last)))} ms (full, ${shown(spent(full(last)))} measured) and ` +
          `${mean(least)} ms (window, ${mean(spent)} measured; the mean of windows of ` +
          `${mean((each) => sum(each.map((one) => one.rows)))} rows) at ${shown(rates.q8)} GOP/s on bytes, ` +
          `${shown(rates.f32)} on floats, ${shown(rates.copy)} GB/s copied; the best of all rounds, one thread.`,
      );
    } finally {
      await own.dispose();
      await q8.dispose();
      await f32.dispose();
    }
  }
  return { title: 'Against the arithmetic', rows, notes };
}
