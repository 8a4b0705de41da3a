/**
 * Where the panel's answers, counts and previews come from: the sampler process. Fills go the way of the
 * proposals' (so the tests' stand-in for those serves here too); for the rest the tests put functions of
 * their own in its place. Knows neither page nor conversation.
 */
import type {
  ChatParams,
  ChatResult,
  ChatStep,
  CountTokensResult,
  PreviewParams,
  PreviewResult,
} from '../../protocol/chatMessages';
import type { FillParams, FillResult, ModelInfo } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import type { FillOptions, FillSource } from '../edits/fillSource';
import { t } from '../l10n';
import { readyModel } from '../sampler';

export interface ChatRunOptions {
  readonly signal: AbortSignal;
  readonly onStep: (step: ChatStep) => void;
}

/** What the tests may put in the sampler process's place. */
export interface PanelStandIn {
  readonly model?: ModelInfo | 'none';
  chat?(params: ChatParams, options: ChatRunOptions): Promise<ChatResult>;
  count?(texts: readonly string[]): Promise<CountTokensResult>;
  preview?(params: PreviewParams): Promise<PreviewResult>;
}

export class PanelSource {
  readonly #context: LacunaContext;
  readonly #fills: FillSource;
  #standIn: PanelStandIn = {};

  constructor(context: LacunaContext, fills: FillSource) {
    this.#context = context;
    this.#fills = fills;
  }

  /** Test seam: `{}` puts the sampler process back. */
  use(standIn: PanelStandIn): void {
    this.#standIn = standIn;
  }

  /** The model that would answer now. */
  get model(): ModelInfo | undefined {
    const { model } = this.#standIn;
    if (model !== undefined) return model === 'none' ? undefined : model;
    return readyModel(this.#context.client.status);
  }

  /** Why there is none, for people; empty while one is coming. */
  get whyNone(): string {
    const { state, detail } = this.#context.client.status;
    return state === 'failed' || this.#standIn.model === 'none'
      ? detail || t('no model is loaded')
      : '';
  }

  fill(params: FillParams, options: FillOptions): Promise<FillResult> {
    return this.#fills.fill(params, options);
  }

  chat(params: ChatParams, options: ChatRunOptions): Promise<ChatResult> {
    return this.#standIn.chat?.(params, options) ?? this.#context.client.chat(params, options);
  }

  count(texts: readonly string[]): Promise<CountTokensResult> {
    return this.#standIn.count?.(texts) ?? this.#context.client.countTokens({ texts });
  }

  preview(params: PreviewParams): Promise<PreviewResult> {
    return this.#standIn.preview?.(params) ?? this.#context.client.preview(params);
  }
}
