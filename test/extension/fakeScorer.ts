/**
 * Stands in for the sampler process in the suites about confidence: cuts text into words and signs, gives
 * each the probability and the alternatives that the test says, and keeps what it was asked. So no test
 * depends on what a model thinks. Knows no editor.
 */
import type { Confidence } from '../../src/extension/confidence/confidence';
import type { ScoreOptions } from '../../src/extension/confidence/scoreSource';
import type { LacunaApi } from '../../src/extension/extension';
import type { Repair } from '../../src/extension/repair/repair';
import type { ScoredToken, ScoreParams, ScoreResult } from '../../src/protocol/messages';
import { until } from './workbench';

type Opinion = Pick<ScoredToken, 'probability' | 'alternatives'>;

/** What `activate` returns besides its api while tests run. */
export type Tested = LacunaApi & { readonly confidence: Confidence; readonly repair: Repair };

export class FakeScorer {
  readonly #confidence: Confidence;
  readonly requests: { readonly params: ScoreParams; readonly signal: AbortSignal }[] = [];
  /** By the token's text without blanks; all others are sure. */
  opinions: Record<string, Opinion> = {};
  #held: (() => void)[] | undefined;

  constructor(api: LacunaApi) {
    this.#confidence = (api as Tested).confidence;
    this.#confidence.source.useScore((params, options) => this.#score(params, options));
  }

  /** The sampler process answers again. */
  remove(): void {
    this.release();
    this.#confidence.source.useScore(undefined);
  }

  /** Says that `text` is unlikely and what is expected instead. */
  doubt(text: string, probability: number, ...others: [text: string, probability: number][]): void {
    const alternatives = others.map(([other, its]) => ({ text: other, probability: its }));
    this.opinions[text] = { probability, alternatives };
  }

  get scored(): string[] {
    const { parts } = this.requests.at(-1)!.params;
    return parts.flatMap((part) => ('score' in part ? [part.score] : []));
  }

  /** Requests wait from now on, until they are released. */
  hold(): void {
    this.#held ??= [];
  }
  release(): void {
    for (const go of this.#held?.splice(0) ?? []) go();
    this.#held = undefined;
  }
  async asked(count: number): Promise<void> {
    await until(`${count} requests are made`, () => this.requests.length >= count);
  }

  async #score(params: ScoreParams, { signal, onProgress }: ScoreOptions): Promise<ScoreResult> {
    this.requests.push({ params, signal });
    onProgress({ fraction: 0.5 });
    const held = this.#held;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
    signal.throwIfAborted();
    const tokens = params.parts.flatMap((part) =>
      'score' in part ? [this.#tokens(part.score)] : [],
    );
    return { tokens, forwards: 1, elapsedMs: 1 };
  }

  #tokens(text: string): ScoredToken[] {
    const sure: Opinion = { probability: 0.9, alternatives: [{ text: 'x', probability: 0.05 }] };
    return [...text.matchAll(/ ?(?:\w+|[^\w\s])|\s+/g)].map(({ index, 0: token }) => ({
      start: index,
      end: index + token.length,
      ...(this.opinions[token.trim()] ?? sure),
    }));
  }
}
