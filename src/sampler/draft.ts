/**
 * From one row of the network's output to one drafted token and its confidence. Works on the K
 * likeliest candidates that leave the graph (64 of V) and the exact log-sum-exp, so a greedy
 * confidence is exact and a sampled one lacks only the tail beyond the K-th candidate.
 * Knows no positions and no schedule.
 */
import type { RowStats } from '../model/denoiser';
import { bestSuited, type SlotRule } from './canvas';
import type { Random } from './random';

export interface Draft {
  readonly id: number;
  /** Probability of `id` at temperature 1 among what the ban allows, 0..1. */
  readonly confidence: number;
  /** Where the likeliest did not suit the place: its probability among those that suit as well as it does. */
  readonly amongSuited?: number;
}

export interface DraftOptions {
  /** 0 takes the likeliest. */
  readonly temperature: number;
  /** Keeps the likeliest tokens up to this mass, the one that crosses it included. */
  readonly topP: number;
  readonly random: Random;
}

/** Candidates of one row, likeliest first, with their logits. */
interface Candidates {
  readonly ids: ArrayLike<number>;
  readonly logits: ArrayLike<number>;
  readonly logSumExp: number;
  /** Mass of all of them, where a rule has left out the likeliest. */
  readonly suitedMass?: number;
}

/**
 * Drafts a token for row `row`. Undefined when the rule allows none of the candidates and `logits`
 * were not given: then the row has to be predicted again with them.
 * @param logits (V) the whole row, needed when `rule` is narrow.
 */
export function draftToken(
  stats: RowStats,
  row: number,
  options: DraftOptions,
  rule?: SlotRule,
  logits?: Float32Array,
): Draft | undefined {
  const from = row * stats.width;
  const all: Candidates = {
    ids: stats.ids.subarray(from, from + stats.width),
    logits: stats.logits.subarray(from, from + stats.width),
    logSumExp: stats.logSumExp[row]!,
  };
  const allowed = rule === undefined ? all : restrict(all, rule, logits, options.temperature === 0);
  if (allowed === undefined) return undefined;
  const pick = options.temperature > 0 ? sampleIndex(allowed.logits, options) : 0;
  const confidence = Math.exp(allowed.logits[pick]! - all.logSumExp);
  const { suitedMass } = allowed;
  return {
    id: allowed.ids[pick]!,
    confidence,
    ...(suitedMass !== undefined && { amongSuited: confidence / Math.max(1e-30, suitedMass) }),
  };
}

/**
 * The candidates that a rule allows, from the whole row where it is narrow. What is decided by confidence goes
 * by that of the unrestricted model; what is shown is how sure it is among those that suit.
 */
function restrict(
  all: Candidates,
  rule: SlotRule,
  logits: Float32Array | undefined,
  takesFirst: boolean,
): Candidates | undefined {
  const ids: number[] = [];
  const kept: number[] = [];
  for (let i = 0; i < all.ids.length; i++) {
    if (!rule.allows(all.ids[i]!)) continue;
    ids.push(all.ids[i]!);
    kept.push(all.logits[i]!);
  }
  if (ids.length === 0 && logits !== undefined) {
    let best = -1;
    for (let id = 0; id < logits.length; id++) {
      if (rule.allows(id) && (best < 0 || logits[id]! > logits[best]!)) best = id;
    }
    if (best >= 0) {
      ids.push(best);
      kept.push(logits[best]!);
    }
  }
  if (ids.length === 0) return undefined;
  if (!rule.suits) return { ids, logits: kept, logSumExp: all.logSumExp };
  const { logSumExp } = all;
  const chosen = bestSuiting(ids, (id) => rule.suits!(id), takesFirst);
  const those = (from: readonly number[]) => chosen.map((index) => from[index]!);
  const suited = { ids: those(ids), logits: those(kept), logSumExp };
  if (chosen[0] === 0) return suited;
  return {
    ...suited,
    suitedMass: suited.logits.reduce((sum, l) => sum + Math.exp(l - logSumExp), 0),
  };
}

/** The indices that suit best; the likeliest alone is enough where it is taken and suits in every way. */
function bestSuiting(
  ids: readonly number[],
  suits: (id: number) => number,
  takesFirst: boolean,
): number[] {
  let best = -1;
  let chosen: number[] = [];
  for (const [index, id] of ids.entries()) {
    const own = suits(id);
    if (own > best) [best, chosen] = [own, []];
    if (own === best) chosen.push(index);
    if (takesFirst && index === 0 && own === bestSuited) break;
  }
  return chosen;
}

/**
 * Temperature first, then top-p, then one draw, in DiffuLLaMA's order: a candidate is dropped when
 * the mass before it already exceeds top-p.
 * @param logits descending.
 */
export function sampleIndex(
  logits: ArrayLike<number>,
  { temperature, topP, random }: DraftOptions,
): number {
  const weights = keptWeights(logits, temperature, topP);
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return 0;
}

/** Probabilities before renormalisation; 0 for what top-p drops. */
export function keptWeights(
  logits: ArrayLike<number>,
  temperature: number,
  topP: number,
): number[] {
  const scaled = Array.from(logits, (logit) => Math.exp((logit - logits[0]!) / temperature));
  const total = scaled.reduce((sum, weight) => sum + weight, 0);
  let before = 0;
  return scaled.map((weight, rank) => {
    const probability = weight / total;
    const kept = rank === 0 || before <= topP;
    before += probability;
    return kept ? probability : 0;
  });
}
