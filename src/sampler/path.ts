/**
 * The decisions of a run in order, and the likeliest ones that were not taken: another token at a slot, an end
 * where a token was written, a token where a gap was ended. A run may go on from such a branch, which makes an
 * answer that is near the first one and yet another. Knows no network and no text.
 */
import { bestSuited, type Canvas } from './canvas';
import type { Draft } from './draft';
import { endMass, type ClosedGap } from './ending';
import type { Prediction } from './forwarder';

type Decision =
  | { readonly commit: number; readonly id: number; readonly confidence: number }
  | { readonly close: number; readonly past: number; readonly certainty: number }
  | { readonly remask: number };

export interface Branch {
  /** The gap that it is a decision on. */
  readonly span: number;
  /** Decisions that stay. */
  readonly kept: number;
  readonly instead: Decision;
  /** Of what stays and what is decided instead, nats. */
  readonly logProbability: number;
}

/** Other tokens looked at for a slot. */
const runnersUp = 3;

export interface StepDecisions {
  /** Drafts of the step. */
  readonly drafts: ReadonlyMap<number, Draft>;
  readonly committed: readonly number[];
  readonly remasked: readonly number[];
  readonly closed: readonly ClosedGap[];
}

export class Path {
  readonly #decisions: Decision[] = [];
  readonly #branches: Branch[] = [];
  #logProbability = 0;

  /** Takes down one denoise step, after it was made. */
  add(
    canvas: Canvas,
    prediction: Prediction,
    { drafts, committed, remasked, closed }: StepDecisions,
  ): void {
    for (const { span, certainty } of closed) {
      const past = canvas.spans[span]!.end;
      const { id, confidence } = drafts.get(past)!;
      const row = prediction.positions.indexOf(past);
      const { total } = endMass(prediction.stats, row, canvas.endings.get(span)!, past);
      this.#branch(span, { commit: past, id, confidence }, confidence / total);
      this.#decide({ close: span, past, certainty }, certainty);
    }
    for (const position of [...committed].sort((a, b) => a - b)) {
      const { id, confidence } = drafts.get(position)!;
      const span = canvas.spans.findIndex(({ start, end }) => position >= start && position < end);
      for (const other of this.#others(canvas, prediction, position, id)) {
        this.#branch(span, { commit: position, ...other }, other.confidence);
      }
      const end = endAt(canvas, prediction, position, span);
      if (end) this.#branch(span, end, end.certainty);
      const shown = canvas.confidence[position]!;
      this.#decide({ commit: position, id, confidence: shown }, confidence);
    }
    for (const position of remasked) this.#decide({ remask: position }, 1);
  }

  /** The likeliest branches, at most `count`; of one gap where `span` is given. */
  likeliest(count: number, span?: number): Branch[] {
    const those = this.#branches.filter((branch) => span === undefined || branch.span === span);
    return those.sort((a, b) => b.logProbability - a.logProbability).slice(0, count);
  }

  /** A path of its own for a run from a branch: what stays, what was decided instead, and so on. */
  from({ kept, instead, logProbability }: Branch): Path {
    const path = new Path();
    path.#decisions.push(...this.#decisions.slice(0, kept), instead);
    path.#logProbability = logProbability;
    return path;
  }

  /**
   * Makes the decisions up to a branch, and the other one there, on a canvas like the one the run began with.
   * @returns the gaps that ended.
   */
  retrace(canvas: Canvas, { kept, instead }: Branch): ClosedGap[] {
    const closed: ClosedGap[] = [];
    for (const decision of [...this.#decisions.slice(0, kept), instead]) {
      if ('commit' in decision) {
        canvas.commit(decision.commit, decision.id, decision.confidence);
      } else if ('close' in decision) {
        canvas.close(decision.close, decision.past);
        closed.push({ span: decision.close, certainty: decision.certainty });
      } else {
        canvas.remask(decision.remask);
      }
    }
    return closed;
  }

  #decide(decision: Decision, probability: number): void {
    this.#decisions.push(decision);
    this.#logProbability += Math.log(Math.max(1e-30, probability));
  }

  #branch(span: number, instead: Decision, probability: number): void {
    if (probability <= 0) return;
    const logProbability = this.#logProbability + Math.log(probability);
    this.#branches.push({ span, kept: this.#decisions.length, instead, logProbability });
  }

  #others(canvas: Canvas, { positions, stats }: Prediction, position: number, taken: number) {
    const rule = canvas.rules.get(position);
    const row = positions.indexOf(position);
    const others: Draft[] = [];
    for (let rank = 0; rank < stats.width && others.length < runnersUp; rank++) {
      const at = row * stats.width + rank;
      const id = stats.ids[at]!;
      if (id === taken || rule?.allows(id) === false) continue;
      if ((rule?.suits?.(id) ?? bestSuited) < bestSuited) continue;
      others.push({ id, confidence: Math.exp(stats.logits[at]! - stats.logSumExp[row]!) });
    }
    return others;
  }
}

/** The end of a gap before a slot that was written, where it might have ended there. */
function endAt(canvas: Canvas, { positions, stats }: Prediction, position: number, span: number) {
  const ending = canvas.endings.get(span);
  const { start } = canvas.spans[span]!;
  // Asked of the frontier alone: behind it the end is predicted without what stands before.
  const isFrontier = !positions.some((other) => other >= start && other < position);
  if (!ending || !isFrontier || position - start < ending.minLength) return undefined;
  if (ending.mayEnd?.(position) === false) return undefined;
  const { mass, total } = endMass(stats, positions.indexOf(position), ending, position);
  return { close: span, past: position, certainty: mass / total };
}
