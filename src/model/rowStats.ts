/**
 * The end of every graph: from the logits of the wanted rows to what the sampler reads. The best
 * candidates and the exact log-sum-exp cost 3 ms in the graph; fetching all logits and doing it in
 * JavaScript costs 25 (32 rows of GPT-2). No random numbers here: sampling must be seedable.
 */
import type { GraphBuilder, Value } from './graphBuilder';
import { onnxType } from './onnxProto';

/**
 * What a banned token's logit is lowered by: its probability becomes exactly 0 in 32-bit floats.
 * Finite, because infinities meet 0 * Infinity in some GPU kernels.
 */
export const banPenalty = -1e30;

/** Candidates returned for each row. */
export const maxCandidates = 64;

export function candidatesOf(vocabSize: number): number {
  return Math.min(maxCandidates, vocabSize);
}

/** @param logits [R, V], the head's own output: a reshape in between would copy 6 MB a step. */
export function outputRowStats(
  graph: GraphBuilder,
  logits: Value,
  vocabSize: number,
  rows: Value,
): void {
  if (graph.isBatched) return outputBatchedStats(graph, logits, vocabSize, rows);
  const ban = graph.input('ban', onnxType.float, [vocabSize]);
  const count = candidatesOf(vocabSize);
  const allowed = graph.addition(logits, ban); // [R, V]
  const { values, indices } = graph.topK(allowed, count); // [R, K]
  graph.output('top_ids', indices, onnxType.int64, ['R', count]);
  graph.output('top_logits', values, onnxType.float, ['R', count]);
  // log sum exp(l) = max + log sum exp(l - max). ReduceLogSumExp takes five times as long on a CPU.
  const largest = graph.slice(values, 0, 1, 1); // [R, 1]
  const sum = graph.reduceSum(graph.exp(graph.sub(allowed, largest)), 1); // [R, 1]
  const logSumExp = graph.reshape(graph.addition(largest, graph.log(sum)), -1); // [R]
  graph.output('log_sum_exp', logSumExp, onnxType.float, ['R']);
  // By an index, so that none leave the graph where all outputs are fetched and nobody wants these.
  const asked = graph.input('logit_rows', onnxType.int64, ['W']);
  graph.output('logits', graph.gather(logits, asked, 0), onnxType.float, ['W', vocabSize]);
}

/**
 * The same for [B * R, V]: B canvases of R rows each. What is banned comes as [B, N] token ids rather than
 * as a penalty for each of V, since it crosses a network; id V bans nothing.
 */
function outputBatchedStats(
  graph: GraphBuilder,
  flat: Value,
  vocabSize: number,
  rows: Value,
): void {
  const count = candidatesOf(vocabSize);
  const ban = graph.input('ban', onnxType.int64, ['B', 'N']);
  const sizes = graph.shape(rows); // B, R
  const canvases = graph.slice(sizes, 0, 1, 0); // B
  const logits = graph.reshapeTo(flat, graph.concat([sizes, graph.integers(vocabSize)], 0));
  const width = graph.concat([canvases, graph.integers(vocabSize + 1)], 0);
  const none = graph.expandTo(graph.floats(Float32Array.of(0), [1], 'no_penalty'), width);
  const penalty = graph.floats(Float32Array.of(banPenalty), [1], 'ban_penalty');
  const penalties = graph.scatterColumns(none, ban, graph.expandTo(penalty, graph.shape(ban))); // [B, V + 1]
  const known = graph.unsqueeze(graph.slice(penalties, 0, vocabSize, 1), 1); // [B, 1, V]
  const allowed = graph.addition(logits, known); // [B, R, V]
  const { values, indices } = graph.topK(allowed, count); // [B, R, K]
  graph.output('top_ids', indices, onnxType.int64, ['B', 'R', count]);
  graph.output('top_logits', values, onnxType.float, ['B', 'R', count]);
  const largest = graph.slice(values, 0, 1, 2); // [B, R, 1]
  const sum = graph.reduceSum(graph.exp(graph.sub(allowed, largest)), 2); // [B, R, 1]
  const logSumExp = graph.reshapeTo(graph.addition(largest, graph.log(sum)), sizes); // [B, R]
  graph.output('log_sum_exp', logSumExp, onnxType.float, ['B', 'R']);
  graph.output('logits', logits, onnxType.float, ['B', 'R', vocabSize]);
}
