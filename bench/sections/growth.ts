/**
 * How the time of a fill grows: with the context, with the gap, with the parameters. Random weights, three
 * tokens a forward, so that only sizes differ; the sizes of a series take turns.
 */
import type { Chart } from '../support/svg';
import { figure, type Row, type Section } from '../support/report';
import { inForwards, OwnSampler, type OwnFill } from '../support/ownSampler';
import { madeUpPlace } from '../support/places';
import type { Setting } from '../support/setting';
import { shapes } from '../support/shapes';
import { summarize, takeTurns } from '../support/statistics';

const contexts = [128, 256, 512, 1024, 2048];
const gaps = [1, 4, 16, 32, 64, 128, 256];
const tokensAForward = 3;

interface BySize {
  readonly name: string;
  readonly millions: number;
  readonly fills: readonly OwnFill[];
}

interface Point {
  readonly size: number;
  readonly fills: readonly OwnFill[];
}

export async function growth(setting: Setting): Promise<Section> {
  const own = await OwnSampler.ofShape(shapes['127M'], setting.cache, setting.threads);
  const vocabulary = shapes['127M'].vocabulary;
  const rounds = Math.min(5, setting.rounds);
  const series = (sizes: readonly number[], fill: (size: number) => Promise<OwnFill>) =>
    measure(sizes, fill, rounds);
  try {
    const byContext = await series(contexts, (tokens) =>
      own.fill(madeUpPlace(tokens, 32, vocabulary), inForwards(forwardsFor(32))),
    );
    const byGap = await series(gaps, (gap) =>
      own.fill(madeUpPlace(512, gap, vocabulary), inForwards(forwardsFor(gap))),
    );
    const bySize = await byParameters(setting, rounds);
    return {
      title: 'How the time of a fill grows',
      rows: [
        ...rowsOf('context', 'tokens, gap 32', byContext),
        ...rowsOf('gap', 'tokens in 512', byGap),
        ...bySize.map(({ name, fills }) =>
          figure(`${name} parameters, gap 32 in 512`, cpuOf(fills), 'ms'),
        ),
      ],
      notes: [
        'The context costs one full forward; a window sees it through cached keys and values, so its own share grows slowly.',
        'Beyond 32 forwards the context is computed anew, which is the step in the line of long gaps.',
        ...(setting.large === undefined
          ? []
          : ['The largest, random weights too, was measured once.']),
      ],
      charts: charts(byContext, byGap, bySize),
    };
  } finally {
    await own.dispose();
  }
}

function forwardsFor(gap: number): number {
  return Math.ceil(gap / tokensAForward);
}

async function measure(
  sizes: readonly number[],
  fill: (size: number) => Promise<OwnFill>,
  rounds: number,
): Promise<Point[]> {
  const sides = Object.fromEntries(sizes.map((size) => [`at ${size}`, () => fill(size)]));
  const taken = await takeTurns(sides, rounds);
  return sizes.map((size) => ({ size, fills: taken[`at ${size}`]! }));
}

/** One model at a time is in memory, so these do not take turns. */
async function byParameters(setting: Setting, rounds: number): Promise<BySize[]> {
  const found: BySize[] = [];
  const add = async (name: string, own: OwnSampler, times = rounds) => {
    const { parameters, dimensions } = own.model.manifest;
    const place = madeUpPlace(512, 32, dimensions.vocabSize);
    const side = () => own.fill(place, inForwards(forwardsFor(32)));
    const { fills } = await takeTurns({ fills: side }, times);
    found.push({ name, millions: Math.round(parameters / 1e6), fills });
    await own.dispose();
  };
  for (const name of ['7M', '127M', '355M'] as const) {
    await add(name, await OwnSampler.ofShape(shapes[name], setting.cache, setting.threads));
  }
  const { large } = setting;
  if (large) {
    const own = await OwnSampler.open(large, setting.threads);
    const { parameters, weights } = own.model.manifest;
    await add(`${(parameters / 1e9).toFixed(1)}B (${weights})`, own, 1); // takes minutes
  }
  return found;
}

function cpuOf(fills: readonly OwnFill[]): number[] {
  return fills.map(({ cpuMs }) => cpuMs);
}

function rowsOf(what: string, unit: string, points: readonly Point[]): Row[] {
  return points.map(({ size, fills }) => figure(`${what} of ${size} ${unit}`, cpuOf(fills), 'ms'));
}

function charts(
  byContext: readonly Point[],
  byGap: readonly Point[],
  bySize: readonly BySize[],
): Chart[] {
  const median = (values: readonly number[]) => summarize(values).median;
  const line = (points: readonly Point[], of: (fill: OwnFill) => number) =>
    points.map(({ size, fills }) => [size, median(fills.map(of))] as const);
  const first = ({ each }: OwnFill) => each[0]!.cpuMs;
  const window = ({ each }: OwnFill) =>
    each.length > 1 ? median(each.slice(1).map((one) => one.cpuMs)) : each[0]!.cpuMs;
  const size = (of: (fill: OwnFill) => number) =>
    bySize.map(({ millions, fills }) => [millions, median(fills.map(of))] as const);
  const y = 'ms of one core';
  return [
    {
      ...{ id: 'context', title: 'A gap of 32 tokens, 127M parameters', y, logX: true, logY: true },
      x: 'tokens on the canvas',
      series: [
        { name: 'whole fill', points: line(byContext, ({ cpuMs }) => cpuMs) },
        { name: 'full forward', points: line(byContext, first) },
        { name: 'windowed forward', points: line(byContext, window) },
      ],
    },
    {
      ...{ id: 'gap', title: 'A canvas of 512 tokens, 127M parameters', y, logX: true, logY: true },
      x: 'tokens of the gap',
      series: [
        { name: 'whole fill', points: line(byGap, ({ cpuMs }) => cpuMs) },
        { name: 'per token', points: line(byGap, ({ cpuMs, ids }) => cpuMs / ids.length) },
      ],
    },
    {
      ...{ id: 'parameters', title: 'A gap of 32 in 512 tokens', y, logX: true, logY: true },
      x: 'millions of parameters',
      series: [
        { name: 'whole fill', points: size(({ cpuMs }) => cpuMs) },
        { name: 'full forward', points: size(first) },
        { name: 'windowed forward', points: size(window) },
      ],
    },
  ];
}
