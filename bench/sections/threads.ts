/**
 * What a second thread brings: the same fill on one and on two, by the clock, for the first forward and for the
 * windows apart. On a machine with other work it says little. Chooses nothing; the product measures for itself.
 */
import os from 'node:os';
import path from 'node:path';
import { inForwards, OwnSampler, type OwnFill } from '../support/ownSampler';
import { madeUpPlace } from '../support/places';
import { figure, type Row, type Section } from '../support/report';
import { Unavailable, type Setting } from '../support/setting';
import { shapes } from '../support/shapes';
import { shown, summarize, takeTurns } from '../support/statistics';

const [tokens, gap, forwards] = [512, 32, 11];

export async function secondThread({ cache, rounds, large }: Setting): Promise<Section> {
  if (os.availableParallelism() < 2) throw new Unavailable('this machine has one processor core');
  const models: [string, (threads: number) => Promise<OwnSampler>][] = [
    ...[shapes.embedded, shapes['127M'], shapes['355M']].map((shape) => {
      const open = (threads: number) => OwnSampler.ofShape(shape, cache, threads);
      return [shape.name, open] satisfies [string, typeof open];
    }),
    ...(large ? [large] : []).map((folder) => {
      const open = (threads: number) => OwnSampler.open(folder, threads);
      return [path.basename(folder), open] satisfies [string, typeof open];
    }),
  ];
  const rows: Row[] = [];
  const notes: string[] = [];
  for (const [name, open] of models) {
    const [one, two] = [await open(1), await open(2)];
    const place = madeUpPlace(tokens, gap, one.model.manifest.dimensions.vocabSize);
    const side = (own: OwnSampler) => () => own.fill(place, inForwards(forwards));
    const taken = await takeTurns({ one: side(one), two: side(two) }, rounds);
    await one.dispose();
    await two.dispose();
    const faster = (part: (fill: OwnFill) => number) =>
      taken.one.map((fill, round) => part(fill) / part(taken.two[round]!));
    const clocked = (from: number, to?: number) => (fill: OwnFill) =>
      fill.each.slice(from, to).reduce((sum, { ms }) => sum + ms, 0);
    rows.push(
      figure(
        `${name}: a whole fill`,
        faster(({ ms }) => ms),
        'times as fast',
      ),
      figure(`${name}: its full forward`, faster(clocked(0, 1)), 'times as fast'),
      figure(`${name}: its windows`, faster(clocked(1)), 'times as fast'),
    );
    const median = (fills: readonly OwnFill[]) =>
      shown(summarize(fills.map(({ ms }) => ms)).median);
    notes.push(`${name}: ${median(taken.one)} ms with one thread, ${median(taken.two)} with two.`);
  }
  return {
    title: `What a second thread brings: ${gap} of ${tokens} tokens, by the clock`,
    rows,
    notes,
  };
}
