/**
 * The end of every graph: from the logits of the wanted rows to what the sampler reads. The best
 * candidates and the exact log-sum-exp cost 3 ms in the graph; fetching all logits and doing it in
 * JavaScript costs 25 (32 rows of GPT-2). No random numbers here: sampling must be seedable.
 */
import type { GraphBuilder, Value } from './graphBuilder';
import { onnxType } from './onnxProto';

/** Candidates returned for each row. */
export const maxCandidates = 64;

export function candidatesOf(vocabSize: number): number {
  return Math.min(maxCandidates, vocabSize);
}

/** @param logits [R, V], the head's own output: a reshape in between would copy 6 MB a step. */
export function outputRowStats(graph: GraphBuilder, logits: Value, vocabSize: number): void {
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
  graph.output('logits', logits, onnxType.float, ['R', vocabSize]);
}
