/**
 * Where scores come from: the sampler process, once its model is there. The tests put a function of
 * their own in its place, since no test may depend on what a model says; nothing else can. Knows no
 * document.
 */
import type { ScoreParams, ScoreProgress, ScoreResult } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import type { FillSource } from '../edits/fillSource';

export interface ScoreOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ScoreProgress) => void;
}
export type ScoreFunction = (params: ScoreParams, options: ScoreOptions) => Promise<ScoreResult>;

export class ScoreSource {
  readonly #context: LacunaContext;
  readonly #fills: Pick<FillSource, 'model'>;
  #standIn: ScoreFunction | undefined;

  constructor(context: LacunaContext, fills: Pick<FillSource, 'model'>) {
    this.#context = context;
    this.#fills = fills;
  }

  /** Test seam: `undefined` puts the sampler process back. */
  useScore(standIn: ScoreFunction | undefined): void {
    this.#standIn = standIn;
  }

  /** Waits while a model is loaded. @throws LacunaError `noModel` where none will come by itself. */
  async score(params: ScoreParams, doing: string, options: ScoreOptions): Promise<ScoreResult> {
    if (this.#standIn) return this.#standIn(params, options);
    await this.#fills.model(doing, options.signal);
    return this.#context.client.score(params, options);
  }
}
