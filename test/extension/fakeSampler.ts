/**
 * Stands in for the sampler process in the suites about proposals: answers with what the test says,
 * when the test says, and keeps what it was asked. So no test depends on what a model fills in, and a
 * request can be held open while the document changes. Knows no editor.
 */
import type { LacunaApi } from '../../src/extension/extension';
import type { FillFunction } from '../../src/extension/edits/fillSource';
import type { FillCall } from '../../src/extension/liveView/runRecorder';
import type {
  DraftWish,
  Fill,
  FillParams,
  FillResult,
  GapWish,
  StepToken,
} from '../../src/protocol/messages';
import { run } from './editorText';
import { activateLacuna, closeAll, until } from './workbench';

export type Asked = GapWish | DraftWish;
/** The fill of one target. @param request counts from 0. */
export type Answer = (target: Asked, index: number, request: number, variant: number) => string;

interface Seam {
  useFill(fill: FillFunction | undefined): void;
}

export class FakeSampler {
  readonly #source: Seam;
  readonly requests: { readonly params: FillParams; readonly signal: AbortSignal }[] = [];
  answer: Answer = (_target, index, request, variant) => `fill_${index}_${request}_${variant}`;
  /** Rejects the next requests with this. */
  failure: Error | undefined;
  #held: (() => void)[] | undefined;
  #onStep: FillCall['onStep'] | undefined;

  constructor(api: LacunaApi) {
    // Not in LacunaApi's type: it is there only while tests run.
    this.#source = (api as LacunaApi & { fillSource: Seam }).fillSource;
    this.#source.useFill((params, options) => this.#fill(params, options));
  }

  /** The sampler process answers again. */
  remove(): void {
    this.release();
    this.#source.useFill(undefined);
  }

  get last(): FillParams {
    return this.requests.at(-1)!.params;
  }
  get lastTargets(): Asked[] {
    return targetsOf(this.last);
  }

  /** Requests wait from now on, until they are released. */
  hold(): void {
    this.#held ??= [];
  }
  release(): void {
    for (const go of this.#held?.splice(0) ?? []) go();
    this.#held = undefined;
  }

  /** Reports a denoise step of the request that is being held. */
  step(gaps: readonly (readonly StepToken[])[], step = 1): void {
    const maskedTokens = gaps.flat().filter(({ text }) => text === undefined).length;
    this.#onStep!({ step, forwards: step, maskedTokens, gaps });
  }

  async asked(count: number): Promise<void> {
    await until(`${count} requests are made`, () => this.requests.length >= count);
  }

  async #fill(params: FillParams, { signal, onStep }: FillCall): Promise<FillResult> {
    const request = this.requests.push({ params, signal }) - 1;
    this.#onStep = onStep;
    const held = this.#held;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
    signal.throwIfAborted();
    if (this.failure) throw this.failure;
    const variant = (number: number) =>
      targetsOf(params).map((target, index) => fillOf(this.answer(target, index, request, number)));
    const others = Array.from({ length: (params.variants ?? 1) - 1 }, (_, index) => index + 1);
    return {
      fills: variant(0),
      ...(others.length > 0 && { alternatives: others.map(variant) }),
      steps: 1,
      forwards: 1,
      elapsedMs: 1,
      forwardMs: 1,
      queueMs: 0,
    };
  }
}

function targetsOf({ parts }: FillParams): Asked[] {
  return parts.flatMap((part): Asked[] => {
    if ('gap' in part) return [part.gap];
    return 'draft' in part ? [part.draft] : [];
  });
}

function fillOf(text: string): Fill {
  const tokens = text.match(/\s*\S+|\s+$/g) ?? [];
  return {
    text,
    tokens: tokens.map((token) => ({ text: token, confidence: 0.9 })),
    confidence: 0.9,
  };
}

/** What a suite about proposals has: a fresh stand-in before each test, nothing left open after it. */
export interface ProposalSuite {
  readonly lacuna: LacunaApi;
  readonly sampler: FakeSampler;
}

/** Hooks a suite up; what it returns can be read inside its tests. */
export function proposalSuite(): ProposalSuite {
  const suite = {} as { lacuna: LacunaApi; sampler: FakeSampler };
  before(async () => {
    suite.lacuna = await activateLacuna();
  });
  beforeEach(() => {
    suite.sampler = new FakeSampler(suite.lacuna);
  });
  afterEach(async () => {
    suite.sampler.remove();
    await run('rejectAll');
    await closeAll();
  });
  return suite;
}
