/**
 * Against plain recomputation in our own process: what the window brings, what the commit rule brings, and
 * how much of a fill is not the network. Same weights, same places, same graph.
 */
import { compare, figure, type Row, type Section } from '../support/report';
import { asShipped, inForwards, OwnSampler, type OwnFill } from '../support/ownSampler';
import { madeUpPlace, placesInSources, type Place } from '../support/places';
import type { Setting } from '../support/setting';
import { shapes } from '../support/shapes';
import { shown, summarize, takeTurns } from '../support/statistics';
import type { DenoiseOptions } from '../../src/sampler/denoise';
import { createTokenizer } from '../../src/tokenizer/tokenizer';

const [tokens, gap] = [512, 32];

export async function againstRecompute(setting: Setting): Promise<Section> {
  const own = await OwnSampler.open(setting.modelDir, setting.threads);
  const random = await OwnSampler.ofShape(shapes['127M'], setting.cache, setting.threads);
  try {
    const { tokenizer, config } = own.model.tokenizerFiles!;
    const opening = own.traits.languageTokens['typescript']!;
    const sizes = { tokens, gap, count: setting.rounds + 1 };
    const places = placesInSources(createTokenizer(tokenizer, config), opening, sizes);
    const embedded = await measure('embedded', own, places, asShipped, setting);
    const place = madeUpPlace(tokens, gap, shapes['127M'].vocabulary);
    const large = await measure('127M', random, [place], inForwards(11), setting);
    return {
      title: `What the window and the commit rule bring: ${gap} of ${tokens} tokens`,
      rows: [...embedded.rows, ...large.rows],
      notes: [
        "Plain: a full forward for each token, the surest first. Windowed: one full forward, then only the gap's rows " +
          'against cached keys and values. Rule: as many tokens a forward as are sure enough (127M, random weights: 3).',
        ...embedded.notes,
      ],
    };
  } finally {
    await own.dispose();
    await random.dispose();
  }
}

async function measure(
  label: string,
  own: OwnSampler,
  places: readonly Place[],
  shipped: DenoiseOptions,
  setting: Setting,
): Promise<{ rows: Row[]; notes: string[] }> {
  const turns: Record<string, number> = {};
  const side = (name: string, options: DenoiseOptions) => () => {
    const turn = (turns[name] = (turns[name] ?? -1) + 1);
    return own.fill(places[turn % places.length]!, options);
  };
  const greedy = inForwards(gap);
  const plain = { ...greedy, refreshEvery: 1 };
  const rule = { ...shipped, refreshEvery: 1 };
  const taken = await takeTurns<string, OwnFill>(
    {
      plain: side('plain', plain),
      window: side('window', greedy),
      rule: side('rule', rule),
      both: side('both', shipped),
    },
    setting.rounds,
  );
  const [all, window, ruled, both] = ['plain', 'window', 'rule', 'both'].map(
    (name) => taken[name]!,
  );
  const overhead = both!.map(({ cpuMs, forwardCpuMs }) => (100 * (cpuMs - forwardCpuMs)) / cpuMs);
  const { median, low, high } = summarize(both!.map(({ forwards }) => forwards));
  return {
    rows: [
      compare(`${label}: the window alone`, all!, window!),
      compare(`${label}: the rule alone`, all!, ruled!),
      compare(`${label}: both`, all!, both!),
      figure(`${label}: all but forwards`, overhead, '%', 5),
    ],
    notes: [
      `${label}: ${shown(median)} forwards with the rule (${shown(low)} to ${shown(high)}) instead of ${gap}.`,
    ],
  };
}
