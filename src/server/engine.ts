/**
 * One loaded model and what can be asked of it. The sampler process and the CLI both work through
 * this class, so what the command line shows is what the editor gets. Knows nothing of messages,
 * queues or terminals; time and the right to run the next forward are given to it.
 */
import { openModel } from '../model/load';
import { LacunaError } from '../protocol/errors';
import type {
  ChatParams,
  ChatResult,
  ChatStep,
  CountTokensParams,
  CountTokensResult,
  PreviewParams,
  PreviewResult,
} from '../protocol/chatMessages';
import type {
  FillParams,
  FillResult,
  FillStep,
  LoadParams,
  LoadProgress,
  ModelInfo,
  SamplingOptions,
  ScoreParams,
  ScoreResult,
} from '../protocol/messages';
import { chat } from '../sampler/chat';
import { fillIds, type IdFill, type IdRequest } from '../sampler/fillIds';
import { infill } from '../sampler/infill';
import { previewChat, previewFill } from '../sampler/preview';
import { score } from '../sampler/score';
import { checkChatParams, checkCountTokensParams, checkPreviewParams } from './chatParams';
import { checkFillParams, checkSampling } from './fillParams';
import { checkLoadParams } from './loadParams';
import { describeModel } from './describeModel';
import { RequestDenoiser } from './requestDenoiser';
import { checkScoreParams } from './scoreParams';
import { selfTestSnippet } from './selfTestSnippet';
import { Tenancy } from './tenancy';

export interface EngineOptions {
  readonly now?: () => number;
  readonly open?: typeof openModel;
}

export interface LoadOptions {
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
  /** Threads of the CPU provider. */
  readonly threads?: number;
  /** Why a device was passed over. */
  readonly onNote?: (note: string) => void;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onStep?: (step: FillStep) => void;
  /** Awaited before each forward. Its time counts as elapsed; the caller knows what it waited for. */
  readonly turn?: () => Promise<void>;
}

export interface ScoreOptions extends Pick<RunOptions, 'signal' | 'turn'> {
  /** @param fraction 0..1 of the tokens looked at. */
  readonly onProgress?: (fraction: number) => void;
}

export interface ChatRunOptions extends Pick<RunOptions, 'signal' | 'turn'> {
  readonly onStep?: (step: ChatStep) => void;
}

export class Engine {
  readonly #now: () => number;
  readonly #open: typeof openModel;
  #current: Tenancy | undefined;
  #loading: AbortController | undefined;

  /**
   * @param options.now milliseconds of a clock that never goes back.
   * @param options.open where models come from; a pool lends the same one to many engines.
   */
  constructor({ now = () => performance.now(), open = openModel }: EngineOptions = {}) {
    this.#now = now;
    this.#open = open;
  }

  /** The loaded model; absent before the first load. */
  info(): ModelInfo | undefined {
    return this.#current && describeModel(this.#current.model);
  }

  /** Loads a model in place of the one before, which stays when this fails. A newer load wins. */
  async load(params: LoadParams, options: LoadOptions = {}): Promise<ModelInfo> {
    checkLoadParams(params);
    this.#loading?.abort(new DOMException('A newer load took its place', 'AbortError'));
    const loading = new AbortController();
    this.#loading = loading;
    const signal = AbortSignal.any([loading.signal, ...(options.signal ? [options.signal] : [])]);
    const model = await this.#open(params.modelDir, {
      device: params.device,
      ...(params.deviceUrl === undefined ? {} : { deviceUrl: params.deviceUrl }),
      ...(params.cacheDir === undefined ? {} : { cacheDir: params.cacheDir }),
      ...(options.threads === undefined ? { measureThreads: true } : { threads: options.threads }),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      signal,
      snippet: selfTestSnippet,
    });
    for (const note of model.notes) options.onNote?.(note);
    try {
      signal.throwIfAborted();
      const next = new Tenancy(model);
      void this.#current?.retire();
      this.#current = next;
    } catch (thrown) {
      await model.denoiser.dispose();
      throw thrown;
    }
    return describeModel(model);
  }

  /** Fills the gaps of a text. */
  fill(params: FillParams, options: RunOptions = {}): Promise<Omit<FillResult, 'queueMs'>> {
    const { parts, sampling, languageId, instruction, variants, rank, ...how } =
      checkFillParams(params);
    return this.#use(async ({ model, traits, tokenizer, contexts }) => {
      const start = this.#now();
      const denoiser = new RequestDenoiser(model.denoiser, this.#now, options);
      const result = await infill(
        parts,
        { denoiser, tokenizer, traits },
        {
          ...(sampling === undefined ? {} : { sampling }),
          ...(languageId === undefined ? {} : { languageId }),
          ...(instruction === undefined ? {} : { instruction }),
          ...(variants === undefined ? {} : { variants }),
          ...(how.reuseContext === true ? { contexts } : {}),
          ...(how.mend === undefined ? {} : { mend: how.mend }),
          ...(how.budgetMs === undefined
            ? {}
            : { stepsLeft: () => denoiser.stepsIn(how.budgetMs! - (this.#now() - start)) }),
          ...(rank === undefined ? {} : { rank }),
          ...given(options),
        },
      );
      return { ...result, elapsedMs: this.#now() - start, forwardMs: denoiser.forwardMs };
    });
  }

  /** How sure the model is of text that stands there. */
  score(params: ScoreParams, options: ScoreOptions = {}): Promise<ScoreResult> {
    const { parts, languageId, alternatives, exact } = checkScoreParams(params);
    return this.#use(async ({ model, traits, tokenizer }) => {
      const start = this.#now();
      const denoiser = new RequestDenoiser(model.denoiser, this.#now, options);
      const result = await score(
        parts,
        { denoiser, tokenizer, traits },
        { languageId, alternatives, exact, ...options },
      );
      return { ...result, elapsedMs: this.#now() - start };
    }, 'Cannot score');
  }

  /** Answers the last of some messages. */
  chat(params: ChatParams, options: ChatRunOptions = {}): Promise<Omit<ChatResult, 'queueMs'>> {
    const { messages, ...wishes } = checkChatParams(params);
    const { signal, onStep } = options;
    return this.#use(async ({ model, traits, tokenizer, chatFormat: format }) => {
      const start = this.#now();
      const denoiser = new RequestDenoiser(model.denoiser, this.#now, options);
      const chatModel = { denoiser, tokenizer, traits, format };
      const result = await chat(messages, chatModel, { ...wishes, signal, onStep });
      return { ...result, elapsedMs: this.#now() - start, forwardMs: denoiser.forwardMs };
    }, 'Cannot answer');
  }

  /** What the model would read, laid out and not run. */
  preview(params: PreviewParams): PreviewResult {
    const checked = checkPreviewParams(params);
    const tenancy = this.#loaded('Cannot show what would be sent');
    const { traits, tokenizer } = tenancy;
    const own = { tokenizer, traits };
    if ('fill' in checked) return previewFill(checked.fill.parts, own, checked.fill);
    const { messages, ...wishes } = checked.chat;
    return previewChat(messages, { ...own, format: tenancy.chatFormat }, wishes);
  }

  /** How many tokens the model's tokenizer makes of each text. */
  countAll(params: CountTokensParams): CountTokensResult {
    const { texts } = checkCountTokensParams(params);
    const { maxTokens } = this.#loaded('Cannot count tokens').traits;
    return { counts: texts.map((text) => this.countTokens(text)), maxTokens };
  }

  /** Fills the holes of a canvas of token ids. Exact: every step is a full forward by default. */
  fillIds(
    request: IdRequest,
    sampling: SamplingOptions = {},
    { signal }: Pick<RunOptions, 'signal'> = {},
  ): Promise<IdFill> {
    const exact = { refreshEvery: 1, ...checkSampling(sampling) };
    return this.#use(({ model, traits }) => {
      const denoiser = new RequestDenoiser(model.denoiser, this.#now, signal ? { signal } : {});
      return fillIds(request, denoiser, traits, { ...exact, ...(signal && { signal }) });
    });
  }

  /** (N, V) logits of every row before any shift or ban. */
  forward(ids: Int32Array): Promise<Float32Array> {
    return this.#use(async ({ model: { denoiser, manifest } }) => {
      const { vocabSize, maxTokens } = manifest.dimensions;
      const stray = ids.find((id) => id < 0 || id >= vocabSize);
      if (stray !== undefined) throw cannotForward(`id ${stray} is not in 0..${vocabSize - 1}`);
      if (ids.length > maxTokens) throw cannotForward(`${ids.length} ids exceed ${maxTokens}`);
      const rows = Int32Array.from(ids.keys());
      const request = { ids, positions: rows, rows, banned: [], wantLogits: true };
      const { logits } = await denoiser.forward(request);
      return logits!;
    });
  }

  /** (N) logits of the length classes for a prompt in token ids, of models that predict lengths. */
  lengthLogits(ids: Int32Array): Promise<Float32Array> {
    return this.#use(({ model: { denoiser, manifest } }) => {
      if (denoiser.predictLength) return denoiser.predictLength(ids);
      throw new LacunaError('badUsage', {
        doing: 'Cannot predict a length',
        found: `model "${manifest.name}" has no length predictor`,
        advice: 'Leave out --head length, or use a model of seed 2',
      });
    });
  }

  /** How many tokens the model's tokenizer makes of a text that stands within another. */
  countTokens(text: string): number {
    return this.#loaded().tokenizer.encode(text, 'middle').length;
  }

  async dispose(): Promise<void> {
    this.#loading?.abort(new DOMException('The engine was disposed', 'AbortError'));
    void this.#current?.retire();
    this.#current = undefined;
  }

  #loaded(doing = 'Cannot fill'): Tenancy {
    if (this.#current !== undefined) return this.#current;
    throw new LacunaError('noModel', {
      doing,
      found: 'no model is loaded',
      advice: 'Load a model first',
    });
  }

  async #use<T>(work: (tenancy: Tenancy) => Promise<T>, doing?: string): Promise<T> {
    const tenancy = this.#loaded(doing);
    return tenancy.use(() => work(tenancy));
  }
}

function given({ signal, onStep }: RunOptions): Pick<RunOptions, 'signal' | 'onStep'> {
  return { ...(signal && { signal }), ...(onStep && { onStep }) };
}

function cannotForward(found: string): LacunaError {
  return new LacunaError('badInput', {
    doing: 'Cannot run a forward',
    found,
    advice: 'Give ids of the vocabulary, no more than the longest canvas',
  });
}
