/**
 * A recorded run as the live view shows it: the text around the gaps, and after each step every token
 * as a cell. Pure; the buckets are those of the heat map, so the same confidence has the same colour.
 */
import { temperatureOf } from '../../protocol/fillRecord';
import type { Cell, Piece, RunHead, RunView, StepView } from '../../protocol/liveView';
import type { FillParams, FillStep, Part, StepToken } from '../../protocol/messages';
import { bucketOf, percent } from '../confidence/buckets';
import { t } from '../l10n';
import type { RecordedStep, Run } from './runRecorder';
import { shortened, visible, visibleToken } from './shownText';

/** @param canStop it is one that the live view itself has started. */
export function runView(run: Run, canStop: boolean): RunView {
  return { head: runHead(run, canStop), pieces: piecesOf(run.params.parts), steps: stepViews(run) };
}

export function runHead(run: Run, canStop: boolean): RunHead {
  const { id, origin, state, detail, model, steps, params } = run;
  const isDone = state === 'done' && steps.length > 0;
  return {
    id,
    title: origin.title,
    file: visible(origin.file),
    facts: factsOf(run),
    state,
    detail,
    seed: seedOf(params),
    canExport: isDone && model !== undefined,
    // A run that nobody resumed is what was proposed.
    canOffer: state === 'done' && origin.offer !== undefined && isResumed(params),
    canStop,
  };
}

/** @param index in the run's steps. */
export function stepView(steps: readonly RecordedStep[], index: number): StepView {
  const { step, ms } = steps[index]!;
  const before = steps[index - 1]?.step;
  return {
    step: step.step,
    forwards: step.forwards,
    masked: step.maskedTokens,
    ms: Math.round(ms),
    gaps: step.gaps.map((tokens, gap) => cellsOf(tokens, before?.gaps[gap])),
  };
}

function stepViews({ steps }: Run): StepView[] {
  return steps.map((_, index) => stepView(steps, index));
}

function cellsOf(tokens: FillStep['gaps'][number], before: FillStep['gaps'][number] = []): Cell[] {
  // A gap that has found its end has lost slots, and then nothing says which token was which.
  const isComparable = before.length === tokens.length;
  return tokens.map((token, index) => {
    if (token.text !== undefined) return writtenCell(token, token.text);
    const wasWritten = isComparable && before[index]!.text !== undefined;
    return { kind: wasWritten ? 'remasked' : 'masked' };
  });
}

function writtenCell({ given, fresh, confidence = 0 }: StepToken, text: string): Cell {
  const shown = visibleToken(text);
  if (given) return { kind: 'given', text: shown };
  const kind = fresh ? 'fresh' : 'committed';
  return { kind, text: shown, bucket: bucketOf(confidence), percent: percent(confidence) };
}

function piecesOf(parts: readonly Part[]): Piece[] {
  const pieces: (Piece & { text?: string })[] = [];
  let gap = 0;
  for (const part of parts) {
    const last = pieces.at(-1);
    if (!('text' in part)) pieces.push({ gap: gap++ });
    else if (last?.text !== undefined) pieces[pieces.length - 1] = { text: last.text + part.text };
    else pieces.push({ text: part.text });
  }
  return pieces.map((piece, index) => {
    if (!('text' in piece)) return piece;
    return { text: shortened(piece.text!, index === 0, index === pieces.length - 1) };
  });
}

function isResumed({ sampling }: FillParams): boolean {
  return (sampling?.resumes ?? []).length > 0;
}

/** 0 is the sampler's own. */
export function seedOf({ sampling }: FillParams): number {
  return sampling?.resumes?.at(-1)?.seed ?? sampling?.seed ?? 0;
}

function factsOf({ model, params, result }: Run): string {
  const { sampler, seed = 0, resumes = [] } = params.sampling ?? {};
  return [
    model && `${visible(model.name)} (${model.weights}, ${model.device})`,
    sampler,
    t('seed {0}', seed),
    ...resumes.map((one) => t('resumed from step {0} with seed {1}', one.fromStep, one.seed)),
    t('temperature {0}', temperatureOf(params) ?? 0),
    result && `${stepsText(result.steps)}, ${forwardsText(result.forwards)}`,
    result && `${Math.round(result.elapsedMs)} ms`,
  ]
    .filter((fact) => fact !== undefined)
    .join(' · ');
}

function stepsText(steps: number): string {
  return steps === 1 ? t('1 step') : t('{0} steps', steps);
}

function forwardsText(forwards: number): string {
  return forwards === 1 ? t('1 forward') : t('{0} forwards', forwards);
}
