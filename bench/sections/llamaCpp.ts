/**
 * Against what one would install instead: left-to-right infilling of the same gap by llama.cpp, in the same
 * shape and with 8-bit weights, on as many threads. Its prompt is prefix and then suffix, as models trained
 * to fill in the middle have it; the few marks between them are left out, in its favour.
 */
import { compare, type Row, type Section } from '../support/report';
import { randomGguf } from '../support/ggufModels';
import { asShipped, inForwards, OwnSampler } from '../support/ownSampler';
import { madeUpPlace, placesInSources, type Place } from '../support/places';
import { startLlama, type Setting } from '../support/setting';
import { shapes, type Shape } from '../support/shapes';
import { shown, summarize, takeTurns, type Sample } from '../support/statistics';
import { Opening } from '../../src/sampler/forwarder';
import type { DenoiseOptions } from '../../src/sampler/denoise';
import { createTokenizer } from '../../src/tokenizer/tokenizer';

const [tokens, gap] = [512, 32];

export async function againstLlamaCpp(setting: Setting): Promise<Section> {
  const random = await OwnSampler.ofShape(shapes['127M'], setting.cache, setting.threads);
  const made = madeUpPlace(tokens, gap, shapes['127M'].vocabulary);
  const rows: Row[] = [];
  let about = '';
  try {
    for (const forwards of [11, gap]) {
      const label = `127M, ${forwards} forwards`;
      const found = await measure(
        label,
        shapes['127M'],
        random,
        made,
        inForwards(forwards),
        setting,
      );
      rows.push(...found.rows);
      about = found.about;
    }
  } finally {
    await random.dispose();
  }
  const own = await OwnSampler.open(setting.modelDir, setting.threads);
  try {
    const { tokenizer, config } = own.model.tokenizerFiles!;
    const opening = own.traits.languageTokens['typescript']!;
    const sizes = { tokens, gap, count: 1 };
    const [place] = placesInSources(createTokenizer(tokenizer, config), opening, sizes);
    rows.push(
      ...(await measure('embedded', shapes.embedded, own, place!, asShipped, setting)).rows,
    );
  } finally {
    await own.dispose();
  }
  return {
    title: `Against left-to-right infilling by llama.cpp: ${gap} of ${tokens} tokens`,
    rows,
    notes: [
      about,
      'Cold: nothing is kept. Warm: both keep what they computed of the unchanged text, llama.cpp its prompt ' +
        "cache, Lacuna the first forward and the context's keys and values.",
      'llama.cpp runs one forward for each of the 32 tokens; random weights in both, so nothing about quality.',
    ],
  };
}

async function measure(
  label: string,
  shape: Shape,
  own: OwnSampler,
  place: Place,
  options: DenoiseOptions,
  setting: Setting,
): Promise<{ rows: Row[]; about: string }> {
  const gguf = randomGguf(shape, setting.cache);
  const { worker, hello } = await startLlama(gguf, setting, tokens + gap);
  const opening = new Opening(); // filled by the first run over the place, then used by the others
  const prompt = [...place.ids.slice(0, place.start), ...place.ids.slice(place.end)];
  const ask = (reuse: boolean) =>
    worker.ask<Sample & { promptMs: number }>({ prompt, count: gap, reuse });
  try {
    const taken = await takeTurns<string, Sample>(
      {
        theirsCold: () => ask(false),
        oursCold: () => own.fill(place, options),
        theirsWarm: () => ask(true),
        oursWarm: () => own.fill(place, { ...options, opening }),
      },
      setting.rounds,
    );
    const forwards = (await own.fill(place, options)).forwards;
    const counted = options.sampler === 'factor' ? `, ${forwards} forwards` : '';
    const perToken = summarize(taken['theirsWarm']!.map(({ cpuMs }) => cpuMs / gap));
    setting.say(
      `  llama.cpp, ${shape.name}: ${shown(perToken.median)} ms of processor time a token`,
    );
    return {
      rows: [
        compare(`${label}${counted}, cold`, taken['theirsCold']!, taken['oursCold']!, 1),
        compare(`${label}${counted}, warm`, taken['theirsWarm']!, taken['oursWarm']!, 1),
      ],
      about:
        `llama.cpp ${hello.llamaCpp} (node-llama-cpp), q8_0; ${hello.system.replace(/ = 1/g, '').replaceAll(' |', ',')}`.replace(
          /,$/,
          '.',
        ),
    };
  } finally {
    worker.dispose();
    opening.dispose();
  }
}
