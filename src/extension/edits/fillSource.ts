/**
 * Where the fills of a proposal come from: the sampler process, once its model is there. The tests put
 * a function of their own in its place, since no test may depend on what a model says; nothing else
 * can. Knows no document.
 */
import type { SamplerClient } from '../../client/samplerClient';
import { LacunaError } from '../../protocol/errors';
import type { FillParams, FillResult, ModelInfo } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import type { FillCall, RunOrigin } from '../liveView/runRecorder';
import { readyModel, whenReady } from '../sampler';
import { t } from '../l10n';

export interface FillOptions extends FillCall {
  /** Who asks; the run is kept under that for the live view. */
  readonly origin: RunOrigin;
}
export type FillFunction = (params: FillParams, call: FillCall) => Promise<FillResult>;

export class FillSource {
  readonly #context: LacunaContext;
  #standIn: FillFunction | undefined;

  constructor(context: LacunaContext) {
    this.#context = context;
  }

  /** Test seam: `undefined` puts the sampler process back. */
  useFill(standIn: FillFunction | undefined): void {
    this.#standIn = standIn;
  }

  fill(params: FillParams, { origin, ...call }: FillOptions): Promise<FillResult> {
    const model = readyModel(this.#client.status);
    return this.#context.runs.follow({ origin, params, model }, call, (recorded) =>
      this.send(params, recorded),
    );
  }

  /** Leaves no run behind. */
  send(params: FillParams, call: FillCall): Promise<FillResult> {
    return this.#standIn?.(params, call) ?? this.#client.fill(params, call);
  }

  /** Waits while one is loaded. @throws LacunaError `noModel` where none will come by itself. */
  async model(doing: string, signal: AbortSignal): Promise<ModelInfo> {
    const { state, detail } = this.#client.status;
    if (state === 'failed') {
      const found = detail === '' ? t('no model is loaded') : t('no model is loaded ({0})', detail);
      const advice = t('Choose a model folder or restart the sampler process');
      throw new LacunaError('noModel', { doing, found, advice });
    }
    return whenReady(this.#context, signal);
  }

  get #client(): SamplerClient {
    return this.#context.client;
  }
}
