/**
 * A part of a forward pass: some of the layers in a row, so that a model can be run piece by piece
 * where it is too large to be in memory as a whole. The hidden states go from one graph to the next.
 * Common to all architectures; runs nothing.
 */
import type { GraphBuilder, Value } from './graphBuilder';
import type { Manifest } from './manifest';
import { onnxType } from './onnxProto';

/** Layers from `first` to before `end`; the first span embeds, the last one has the head. */
export interface LayerSpan {
  readonly first: number;
  readonly end: number;
}

export const hiddenIn = 'hidden_in';
export const hiddenOut = 'hidden_out';

export function wholeSpan({ dimensions }: Pick<Manifest, 'dimensions'>): LayerSpan {
  return { first: 0, end: dimensions.layers };
}

/** The hidden states that the span begins with, [1, S, D]. */
export function startOf(
  graph: GraphBuilder,
  { first }: LayerSpan,
  hiddenSize: number,
  embed: () => Value,
): Value {
  return first === 0 ? embed() : graph.input(hiddenIn, onnxType.float, [1, 'S', hiddenSize]);
}

/** True where the graph ends with the hidden states and has no head. */
export function leaveSpan(
  graph: GraphBuilder,
  { end }: LayerSpan,
  { dimensions }: Pick<Manifest, 'dimensions'>,
  x: Value,
): boolean {
  if (end === dimensions.layers) return false;
  graph.output(hiddenOut, x, onnxType.float, [1, 'S', dimensions.hiddenSize]);
  return true;
}
