/**
 * A pooled model as one of its users sees it: a denoiser like any other, whose disposal gives the
 * lease back and leaves the weights to the others.
 */
import type { Denoiser, ForwardRequest, ForwardResult } from '../../model/denoiser';
import type { PooledModel } from './pooledModel';

export class LeasedDenoiser implements Denoiser {
  readonly vocabSize: number;
  readonly maxTokens: number;
  readonly predictLength?: (ids: Int32Array) => Promise<Float32Array>;
  readonly #model: PooledModel;
  readonly #letGo: () => Promise<void>;
  #isOver = false;

  constructor(model: PooledModel, letGo: () => Promise<void>) {
    const { vocabSize, maxTokens, predictLength } = model.model.denoiser;
    this.vocabSize = vocabSize;
    this.maxTokens = maxTokens;
    if (predictLength) {
      this.predictLength = (ids) => model.use((denoiser) => denoiser.predictLength!(ids));
    }
    this.#model = model;
    this.#letGo = letGo;
    model.users++;
  }

  forward(request: ForwardRequest): Promise<ForwardResult> {
    return this.#model.use((denoiser) => denoiser.forward(request));
  }

  async dispose(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#model.users--;
    await this.#letGo();
  }
}
