/**
 * The denoising loop: predict every masked token, commit some, repeat until none is masked. What is
 * pinned never moves; the loop knows neither prefix nor suffix, only that some positions are open.
 * No clock, no Math.random, no text: the same canvas, options and model give the same fill.
 *
 * Math: masked diffusion with the absorbing state, arXiv 2410.17891 section 2; the order of
 * commits is the rule's (rules/).
 */
import type { Denoiser } from '../model/denoiser';
import type { SamplingOptions } from '../protocol/messages';
import type { Canvas } from './canvas';
import { atLeast, commitAll } from './deadline';
import { draftToken, type Draft, type DraftOptions } from './draft';
import {
  closeFinished,
  draftsAfter,
  draftsAhead,
  withinReach,
  worthDrafting,
  type ClosedGap,
} from './ending';
import { Draws } from './draws';
import { Forwarder, type Opening, type Prediction, type Reuse } from './forwarder';
import type { Path } from './path';
import { makeRule } from './rules/makeRule';
import type { ModelTraits } from './traits';

export interface DenoiseStep {
  /** From 0. */
  readonly step: number;
  /** Forwards run so far; a step that could change nothing runs none. */
  readonly forwards: number;
  readonly committed: readonly number[];
  readonly remasked: readonly number[];
  /** Gaps that have found their end. */
  readonly closed: readonly ClosedGap[];
}

export interface DenoiseOptions extends SamplingOptions {
  /** Ids that may not be drafted besides the mask id. */
  readonly banned?: readonly number[];
  readonly signal?: AbortSignal;
  /** The first forward, where another run over an equal canvas has made it or wants it kept. */
  readonly opening?: Opening;
  /** Contexts of requests before and after this one; never with `refreshEvery` 1. */
  readonly reuse?: Reuse;
  /** Denoise steps that the time allows, the next one included; asked before each. */
  readonly stepsLeft?: () => number;
  /** Takes the decisions down. */
  readonly path?: Path;
}

export const defaultSampling = {
  sampler: 'factor',
  steps: 32,
  factor: 1,
  threshold: 0.9,
  temperature: 0,
  topP: 0.9,
  seed: 0,
  refreshEvery: 1,
  resumes: [],
} as const satisfies Required<Omit<SamplingOptions, 'lengthPolicy' | 'constrain'>>;

/**
 * Denoises `canvas` in place, one yield for each denoise step.
 * @throws DOMException `AbortError` between two steps once `signal` is aborted; LacunaError `badUsage`
 *   where the run ends before a step that it is to be resumed from.
 */
export async function* denoise(
  canvas: Canvas,
  denoiser: Denoiser,
  traits: ModelTraits,
  options: DenoiseOptions = {},
): AsyncGenerator<DenoiseStep, void, void> {
  const settings = { ...defaultSampling, ...withoutUndefined(options) };
  const open = canvas.openPositions();
  const draws = new Draws(settings);
  const { random } = draws.at(0);
  const rule = makeRule(settings.sampler, { ...settings, random, positions: open.length });
  const banned = [traits.maskId, ...(options.banned ?? [])];
  const { refreshEvery } = settings;
  const { opening, reuse } = options;
  const kept = { refreshEvery, banned, opening, reuse };
  const forwarder = new Forwarder(canvas, denoiser, traits, kept);
  let prediction: Prediction | undefined;
  let step = 0;
  let ahead = draftsAhead.most; // the first forward runs every row, so that a draft costs little
  try {
    for (; canvas.maskedCount() > 0; step++) {
      options.signal?.throwIfAborted();
      const stepsLeft = Math.max(1, options.stepsLeft?.() ?? Infinity);
      const isLast = stepsLeft === 1;
      const isWanted = (p: number) => rule.ranksCommitted || canvas.masked[p] === 1;
      const wanted =
        isLast || rule.ranksCommitted ? open.filter(isWanted) : worthDrafting(canvas, ahead);
      if (isLast && prediction && prediction.positions.length < wanted.length) {
        prediction = undefined;
      }
      const narrow = wanted.some((p) => canvas.rules.get(p)?.narrow);
      prediction ??= await forwarder.predict(wanted, narrow);
      options.signal?.throwIfAborted();
      const draw = draws.at(step);
      let drafts = draftAll(prediction, canvas, draw, banned);
      if (drafts.size < wanted.length) {
        // A rule forbids all of the likeliest candidates somewhere: look at the whole rows.
        prediction = await forwarder.predict(wanted, true);
        drafts = draftAll(prediction, canvas, draw, banned);
      }
      if (isLast) {
        yield {
          step,
          forwards: forwarder.forwards,
          remasked: [],
          ...commitAll(canvas, prediction, drafts),
        };
        continue;
      }
      const closed = closeFinished(canvas, prediction, drafts);
      const reachable = withinReach(canvas, drafts);
      const verdict = rule.decide({
        step,
        masked: open.map((p) => (canvas.masked[p] === 1 && reachable(p) ? 1 : 0)),
        confidence: open.map((p) => drafts.get(p)?.confidence ?? NaN),
      });
      const chosen = verdict.commit.map((index) => open[index]!);
      const committed = atLeast(chosen, canvas, drafts, stepsLeft);
      const remasked = (verdict.remask ?? []).map((index) => open[index]!);
      for (const position of committed) {
        const draft = drafts.get(position)!;
        canvas.commit(position, draft.id, draft.amongSuited ?? draft.confidence);
      }
      for (const position of remasked) canvas.remask(position);
      ahead = draftsAfter(committed.length, ahead);
      options.path?.add(canvas, prediction, { drafts, committed, remasked, closed });
      // An unchanged canvas would give the same logits: the next step needs no forward.
      if (committed.length > 0 || remasked.length > 0) prediction = undefined;
      yield { step, forwards: forwarder.forwards, committed, remasked, closed };
    }
    draws.end(step);
  } finally {
    forwarder.dispose();
  }
}

/** The positions' drafts; one is missing where the rule allows no candidate. */
function draftAll(
  { positions, stats, logits }: Prediction,
  canvas: Canvas,
  options: DraftOptions,
  banned: readonly number[],
): Map<number, Draft> {
  const drafts = new Map<number, Draft>();
  const vocabSize = (logits?.length ?? 0) / positions.length;
  for (const [row, position] of positions.entries()) {
    const whole = logits?.subarray(row * vocabSize, (row + 1) * vocabSize);
    for (const id of banned) whole?.fill(-Infinity, id, id + 1); // they come before the ban
    const draft = draftToken(stats, row, options, canvas.rules.get(position), whole);
    if (draft !== undefined) drafts.set(position, draft);
  }
  return drafts;
}

/** Options given as `undefined` must not hide a default. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}
