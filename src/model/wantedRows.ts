/**
 * The rows of a canvas that reach the head: an input of every graph, one list for each canvas where there
 * are several. Knows no architecture.
 */
import type { GraphBuilder, Value } from './graphBuilder';
import { onnxType } from './onnxProto';

export function rowsInput(graph: GraphBuilder): Value {
  return graph.input('rows', onnxType.int64, graph.isBatched ? ['B', 'R'] : ['R']);
}

/** [1, S, D] -> [R, D], or [B, S, D] -> [B * R, D] */
export function wantedRows(graph: GraphBuilder, x: Value, rows: Value, width: number): Value {
  const wanted = graph.isBatched ? graph.gatherRows(x, rows) : graph.gather(x, rows, 1);
  return graph.reshape(wanted, -1, width);
}
