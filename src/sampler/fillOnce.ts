/**
 * One run of a request: a canvas of the chosen lengths, denoised from its beginning or from a branch of another run,
 * and read back. Chooses no lengths and compares no answers.
 */
import type { SamplingOptions } from '../protocol/messages';
import { bannedIds } from './bannedIds';
import type { Canvas } from './canvas';
import { denoise, type DenoiseStep } from './denoise';
import type { ClosedGap } from './ending';
import { readFill, readStep } from './fillText';
import type { Opening, Reuse } from './forwarder';
import { denoiseGrowing } from './growing';
import type { InfillModel, InfillOptions, InfillResult } from './infill';
import type { Layout } from './layout';
import type { LengthChoice } from './length';
import { makeCanvas, type FixedShares } from './makeCanvas';
import type { Branch, Path } from './path';
import { growthTokens } from './relay';
import type { Answer } from './suffixFit';

/**
 * What differs from the token-level defaults: the context's keys and values are cached. A gap is
 * rarely longer than this many steps, so its context is computed once.
 */
export const textSampling = { refreshEvery: 32 } as const satisfies SamplingOptions;

/** A run from a branch of another over an equal canvas. */
export interface Origin {
  readonly path: Path;
  readonly branch: Branch;
}

/** What all variants share. */
export interface Start {
  readonly layout: Layout;
  readonly choice: LengthChoice;
  /** Run so far. */
  readonly forwards: number;
  readonly opening: Opening;
  /** Where the context of an earlier request dictates how much text stands beside the gap. */
  readonly shares?: FixedShares;
  readonly reuse?: Reuse;
}

export interface Filled extends Answer, Omit<InfillResult, 'alternatives'> {}

export interface FillRun {
  readonly signal?: AbortSignal | undefined;
  readonly stepsLeft?: InfillOptions['stepsLeft'];
  readonly onStep?: InfillOptions['onStep'] | undefined;
  /** Takes the run's decisions down. */
  readonly path?: Path | undefined;
  readonly from?: Origin | undefined;
}

/** @throws DOMException `AbortError` once the signal is aborted. */
export async function fillOnce(
  { layout, choice, forwards: before, opening, shares, reuse }: Start,
  { tokenizer, traits, denoiser }: InfillModel,
  sampling: SamplingOptions,
  { signal, stepsLeft, onStep, path, from }: FillRun,
): Promise<Filled> {
  const { canvas } = makeCanvas(
    layout,
    choice.lengths,
    tokenizer,
    traits,
    choice.openEnded,
    shares,
  );
  const { growing, openEnded } = choice;
  const wanted = [...openEnded.values()].flat();
  if (growing.size > 0) wanted.push(...growthTokens(traits));
  const banned = bannedIds(tokenizer, denoiser.vocabSize).filter((id) => !wanted.includes(id));
  const ends = new Map<number, number>();
  const note = (closed: readonly ClosedGap[]) => {
    for (const { span, certainty } of closed) ends.set(span, certainty);
  };
  if (from) note(from.path.retrace(canvas, from.branch));
  let filled = { canvas, layout, tokenizer };
  let steps = 0;
  let forwards = before;
  const show = (fresh: readonly number[]) =>
    onStep?.({ step: steps, forwards, ...readStep(filled, fresh) });
  show([]);
  // A branch has some of its slots written: of the beginning it shares the context alone.
  const { context } = opening;
  const shared = context ? { context, keep: () => {} } : reuse;
  const begin = from ? { ...(shared && { reuse: shared }) } : { opening, ...(reuse && { reuse }) };
  const settings = {
    ...textSampling,
    ...traits.sampling,
    ...sampling,
    banned,
    ...begin,
    ...(stepsLeft && { stepsLeft }),
    ...(signal === undefined ? {} : { signal }),
    ...(path === undefined ? {} : { path }),
  };
  const run: AsyncGenerator<DenoiseStep & { readonly canvas?: Canvas }> =
    growing.size > 0
      ? denoiseGrowing(canvas, growing, denoiser, traits, settings)
      : denoise(canvas, denoiser, traits, settings);
  for await (const step of run) {
    if (step.canvas) filled = { ...filled, canvas: step.canvas };
    steps++;
    forwards = before + step.forwards;
    note(step.closed);
    show(step.committed);
  }
  const certainties = choice.lengths.map((_, span) => ends.get(span) ?? 1);
  const fills = Array.from({ length: layout.fields }, (_, field) =>
    readFill(filled, field, certainties),
  );
  return { fills, steps, forwards, canvas: filled.canvas, ends };
}
