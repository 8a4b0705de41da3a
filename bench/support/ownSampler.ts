/**
 * Our side of the comparisons: a model opened in this process, gaps filled by token ids, with the time
 * inside the network counted apart. The same loop, graph and runtime as the sampler process; no pipe and no
 * tokenizer, as the other sides have none.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { convertCheckpoint } from '../../src/model/convert';
import type { Denoiser, ForwardRequest, ForwardResult } from '../../src/model/denoiser';
import { openModel, type LoadedModel } from '../../src/model/load';
import type { WeightFormat } from '../../src/protocol/messages';
import { Canvas } from '../../src/sampler/canvas';
import { denoise, type DenoiseOptions } from '../../src/sampler/denoise';
import { traitsOf, type ModelTraits } from '../../src/sampler/traits';
import type { Place } from './places';
import { randomCheckpoint, type Shape } from './shapes';
import { sample, type Sample } from './statistics';

export interface OwnFill extends Sample {
  /** Processor time inside the network. */
  readonly forwardCpuMs: number;
  readonly forwards: number;
  /** Of each forward in turn. */
  readonly each: readonly ForwardCost[];
  /** Of the gap. */
  readonly ids: readonly number[];
}

export interface ForwardCost {
  /** Rows that ran, rows whose logits were wanted, cached positions that they saw. */
  readonly rows: number;
  readonly wanted: number;
  readonly past: number;
  readonly ms: number;
  readonly cpuMs: number;
}

/** As many tokens a forward as the rule says; everything outside the gap computed once. */
export const asShipped: DenoiseOptions = { sampler: 'factor', refreshEvery: 32 };

/** A fixed count of forwards, for weights whose confidence means nothing. */
export function inForwards(forwards: number): DenoiseOptions {
  return { sampler: 'even', steps: forwards, refreshEvery: 32 };
}

export class OwnSampler {
  readonly traits: ModelTraits;

  private constructor(readonly model: LoadedModel) {
    this.traits = traitsOf(model.manifest);
  }

  static async open(folder: string, threads: number): Promise<OwnSampler> {
    return new OwnSampler(await openModel(folder, { device: 'cpu', threads }));
  }

  /** A shape of random weights, made and converted where that was not done before. */
  static async ofShape(
    shape: Shape,
    cache: string,
    threads: number,
    weights: WeightFormat = 'q8',
  ): Promise<OwnSampler> {
    const outDir = path.join(cache, `model-${shape.name}-${weights}`);
    if (!existsSync(path.join(outDir, 'lacuna.json'))) {
      const checkpoint = await randomCheckpoint(shape, cache);
      const { maskId } = shape;
      await convertCheckpoint(checkpoint, {
        ...{ outDir, weights, maskId, shift: true, chat: 'none' },
      });
    }
    return OwnSampler.open(outDir, threads);
  }

  async fill({ ids, start, end }: Place, options: DenoiseOptions): Promise<OwnFill> {
    const denoiser = new TimedDenoiser(this.model.denoiser);
    const { maskId, fromLeft = false } = this.traits;
    const canvas = new Canvas(Int32Array.from(ids), [{ start, end }], maskId, { fromLeft });
    const { ms, cpuMs } = await sample(async () => {
      for await (const step of denoise(canvas, denoiser, this.traits, options)) void step;
    });
    const { each } = denoiser;
    const forwardCpuMs = each.reduce((sum, forward) => sum + forward.cpuMs, 0);
    const filled = [...canvas.ids.subarray(start, end)];
    return { ms, cpuMs, forwardCpuMs, forwards: each.length, each, ids: filled };
  }

  dispose(): Promise<void> {
    return this.model.denoiser.dispose();
  }
}

class TimedDenoiser implements Denoiser {
  readonly each: ForwardCost[] = [];
  readonly vocabSize: number;
  readonly maxTokens: number;

  constructor(private readonly inner: Denoiser) {
    this.vocabSize = inner.vocabSize;
    this.maxTokens = inner.maxTokens;
  }

  async forward(request: ForwardRequest): Promise<ForwardResult> {
    const { ms, cpuMs, result } = await sample(() => this.inner.forward(request));
    const { ids, rows, past, near } = request;
    const seen = (past?.length ?? 0) + (near?.rows.length ?? 0);
    this.each.push({ rows: ids.length, wanted: rows.length, past: seen, ms, cpuMs });
    return result;
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
