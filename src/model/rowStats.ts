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

/** @param logits [1, R, V] */
export function outputRowStats(graph: GraphBuilder, logits: Value, vocabSize: number): void {
  const ban = graph.input('ban', onnxType.float, [vocabSize]);
  const count = candidatesOf(vocabSize);
  const rows = graph.reshape(logits, -1, vocabSize); // [R, V]
  const allowed = graph.addition(rows, ban);
  const { values, indices } = graph.topK(allowed, count); // [R, K]
  graph.output('top_ids', indices, onnxType.int64, ['R', count]);
  graph.output('top_logits', values, onnxType.float, ['R', count]);
  graph.output('log_sum_exp', graph.reduceLogSumExp(allowed, 1), onnxType.float, ['R']);
  graph.output('logits', rows, onnxType.float, ['R', vocabSize]);
}
