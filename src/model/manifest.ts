/**
 * `lacuna.json`: what a converted model folder says about itself. Derived at conversion from the
 * checkpoint's own files and never from a table of names in the sampler. Knows the form of the
 * file, not how graphs are built from it.
 */
import type { WeightFormat } from '../protocol/messages';
import type { ChatFormat } from './chatFormat';

/** Raised when an older reader would load a newer folder wrongly; the folder is then converted anew. */
export const manifestVersion = 1;

export type Architecture = 'gpt2' | 'llama';

/** Dimensions, in tokens, units of the hidden state, or heads. */
export interface ModelDimensions {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly feedForwardSize: number;
  /** Longest canvas the model was trained for. */
  readonly maxTokens: number;
}

export interface Manifest {
  readonly manifestVersion: number;
  readonly name: string;
  readonly architecture: Architecture;
  readonly dimensions: ModelDimensions;
  readonly parameters: number;
  readonly normEpsilon: number;
  /** RoPE base; LLaMA type only. */
  readonly ropeTheta?: number;
  /** Head and input embedding share one matrix. */
  readonly tiedHead: boolean;
  readonly maskId: number;
  /** Token m is predicted by row m-1 (models adapted from autoregressive ones). */
  readonly shift: boolean;
  readonly bosId?: number;
  readonly eosId?: number;
  /** Target of slots that a gap does not need; such a model chooses the length itself. */
  readonly blankId?: number;
  /** Weight of blank targets in training; predictions are corrected by its inverse. */
  readonly blankLossWeight?: number;
  /** VS Code language id -> token that stands at position 0 instead of `bosId`. */
  readonly languageTokens?: Readonly<Record<string, number>>;
  /** Trained on cuts at any character: the seam needs no token healing. */
  readonly trainedOnCharacterCuts?: boolean;
  /** Trained with instructions: opens the line, after the comment sign, that they were given in. */
  readonly instructionPrefix?: string;
  /** How conversations are written; base models have none. */
  readonly chat?: ChatFormat;
  readonly label?: string;
  readonly inlineThreshold?: number;
  readonly weights: WeightFormat;
  /** Weight file beside the manifest (safetensors, tensors in the graph's own layout). */
  readonly weightFile: string;
  readonly hasTokenizer: boolean;
}
