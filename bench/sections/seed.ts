/**
 * Against the seed's own sampler as published: PyTorch, 32-bit floats, 64 steps, every step a forward of the
 * whole canvas with the logits of every row. On the weights of the embedded model, and on random ones in the
 * shape of DiffuGPT-S. How good the fills of both are is quality.ts's question.
 */
import type { Section } from '../support/report';
import { compare } from '../support/report';
import type { LineWorker } from '../support/lineWorker';
import { asShipped, inForwards, OwnSampler } from '../support/ownSampler';
import { madeUpPlace, placesInSources, type Place } from '../support/places';
import { startSeed, type Setting } from '../support/setting';
import { randomCheckpoint, shapes } from '../support/shapes';
import { shown, summarize, takeTurns, type Sample } from '../support/statistics';
import { createTokenizer } from '../../src/tokenizer/tokenizer';

const [tokens, gap, steps, timedSteps] = [512, 32, 64, 4];

interface SeedFill extends Sample {
  readonly forwardCpuMs: number;
}

export async function againstSeed(setting: Setting): Promise<Section> {
  const random = await onRandomWeights(setting);
  const embedded = await onEmbeddedModel(setting);
  return {
    title: `Against the seed's sampler: a gap of ${gap} in ${tokens} tokens`,
    rows: [...random.rows, ...embedded.rows],
    notes: [...random.notes, ...embedded.notes],
  };
}

async function onRandomWeights(setting: Setting): Promise<Pick<Section, 'rows' | 'notes'>> {
  const shape = shapes['127M'];
  const own = await OwnSampler.ofShape(shape, setting.cache, setting.threads);
  const checkpoint = await randomCheckpoint(shape, setting.cache);
  const { worker, hello } = await startSeed(checkpoint, setting.threads);
  const place = madeUpPlace(tokens, gap, shape.vocabulary);
  try {
    const taken = await takeTurns<string, Sample & { readonly forwardCpuMs: number }>(
      {
        seed: () => askSeed(worker, place, shape.maskId),
        three: () => own.fill(place, inForwards(11)),
        one: () => own.fill(place, inForwards(gap)),
      },
      setting.rounds,
    );
    const [seeds, three, one] = [taken['seed']!, taken['three']!, taken['one']!];
    const forwards = seeds.map(({ forwardCpuMs, ms, cpuMs }) => ({
      cpuMs: forwardCpuMs,
      ms: (ms * forwardCpuMs) / cpuMs,
    }));
    return {
      rows: [
        compare('DiffuGPT-S shape, 11 forwards (3 tokens each)', seeds, three, 40),
        compare('the same, 32 forwards (1 token each)', seeds, one),
        compare("the seed's 64 forwards alone against our 11", forwards, three),
      ],
      notes: [
        `PyTorch ${hello.torch}, 32-bit floats, "top-k-mask" with ${steps} steps, as the seed's evaluations sample. ` +
          `All steps are the same work, so ${timedSteps} are timed a round and counted up to ${steps}.`,
        'Random weights are sure of nothing, so the count of forwards is set: 32 is the most that the rule can take, ' +
          '11 what it takes where three tokens are sure at a time (3.3 is published for Fast-dLLM with LLaDA 8B).',
      ],
    };
  } finally {
    worker.dispose();
    await own.dispose();
  }
}

async function onEmbeddedModel(setting: Setting): Promise<Pick<Section, 'rows' | 'notes'>> {
  const own = await OwnSampler.open(setting.modelDir, setting.threads);
  const { worker } = await startSeed(setting.checkpoint, setting.threads);
  try {
    const { tokenizer, config } = own.model.tokenizerFiles!;
    const { maskId, languageTokens } = own.traits;
    const count = setting.rounds + 1;
    const sizes = { tokens, gap, count };
    const encoder = createTokenizer(tokenizer, config);
    const places = placesInSources(encoder, languageTokens['typescript']!, sizes);
    let turn = 0;
    const taken = await takeTurns<string, Sample & { readonly forwards: number }>(
      {
        seed: () => askSeed(worker, places[0]!, maskId), // it takes as long at any place
        own: () => own.fill(places[turn++ % count]!, asShipped),
      },
      setting.rounds,
    );
    const forwards = summarize(taken['own']!.map((fill) => fill.forwards));
    return {
      rows: [compare('embedded model, as shipped', taken['seed']!, taken['own']!, 40)],
      notes: [
        `The embedded model took ${shown(forwards.median)} forwards (${shown(forwards.low)} to ${shown(forwards.high)}) ` +
          `for ${gap} tokens of our own sources; the weights are the same, ours in 8 bits.`,
      ],
    };
  } finally {
    worker.dispose();
    await own.dispose();
  }
}

/** A whole run as it would be: what a few of its steps took, counted up. */
async function askSeed(worker: LineWorker, place: Place, maskId: number) {
  const published = { sampler: 'top-k-mask', temperature: 0.95, topP: 0.9, argmax: false };
  const request = { ...published, ...place, maskId, steps: timedSteps };
  const fill = await worker.ask<SeedFill>(request);
  const up = steps / timedSteps;
  return {
    ...{ ms: fill.ms * up, cpuMs: fill.cpuMs * up, forwardCpuMs: fill.forwardCpuMs * up },
    forwards: steps,
  };
}
