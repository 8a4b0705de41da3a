/**
 * `lacuna.json`: what a converted model folder says about itself. Derived at conversion from the
 * checkpoint's own files and never from a table of names in the sampler. Knows the form of the
 * file, not how graphs are built from it.
 */
import { createHash } from 'node:crypto';
import type { ChatFormat } from './chatFormat';
import type { SamplingOptions, WeightFormat } from '../protocol/messages';

/** Raised when an older reader would load a newer folder wrongly; the folder is then converted anew. */
export const manifestVersion = 2;

/** The forward pass: one graph file each. Many families share one. */
export type Architecture = 'gpt2' | 'llama' | 'xlmr';

/**
 * How a gap gets its length: blanks: more slots than needed, closed where the model says so (own
 * training); expand: tokens that split or vanish while it is filled (DreamOn); predicted: a classifier
 * over the text before it, several candidates tried (seed 2); probed: a search that needs no training.
 */
export type LengthPolicy = 'blanks' | 'expand' | 'predicted' | 'probed';

/** A file of the model folder as the conversion wrote it. */
export interface FileRecord {
  readonly bytes: number;
  readonly sha256: string;
}

/** What was found when the converted model was tried on a known text; see selfTest.ts. */
export interface SelfTestRecord {
  /** Changing a later token changed an earlier row. */
  readonly seesSuffix: boolean | 'not run';
  /** The declared shift predicted the text better than the other one. */
  readonly shift: 'confirmed' | 'not decided' | 'not run';
  /** In words, with figures. */
  readonly note: string;
}

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
  /** Which published kind it is, families.ts. */
  readonly family: string;
  readonly architecture: Architecture;
  readonly dimensions: ModelDimensions;
  readonly parameters: number;
  readonly normEpsilon: number;
  /** RoPE base; LLaMA type only. */
  readonly ropeTheta?: number;
  /** LLaMA type: an RMS norm over each query and key head (Qwen 3). */
  readonly queryKeyNorm?: boolean;
  /** XLM-R type: norms before the sublayers and one at the end (XL, XXL), else behind them. */
  readonly preNorm?: boolean;
  /** Classes of the length predictor: class c means c+1 tokens. */
  readonly lengthClasses?: number;
  /** Head and input embedding share one matrix. */
  readonly tiedHead: boolean;
  readonly maskId: number;
  /** Token m is predicted by row m-1 (models adapted from autoregressive ones). */
  readonly shift: boolean;
  readonly bosId?: number;
  readonly eosId?: number;
  readonly padId?: number;
  /** Between question and answer of instruction-tuned checkpoints of seed 1. */
  readonly sepId?: number;
  /** Becomes two masks when it is committed; `deleteId` vanishes. DreamOn. */
  readonly expandId?: number;
  readonly deleteId?: number;
  /** Tokens behind the end of an answer: they close a gap that nothing follows. */
  readonly tailIds?: readonly number[];
  readonly lengthPolicy: LengthPolicy;
  /** Every canvas ended with `eosId` in training. */
  readonly closesCanvas?: boolean;
  /** What its authors sample with. */
  readonly sampling?: SamplingOptions;
  /** Target of slots that a gap does not need; such a model chooses the length itself. */
  readonly blankId?: number;
  /** Weight of blank targets in training; predictions are corrected by its inverse. */
  readonly blankLossWeight?: number;
  /**
   * Of CAL (arXiv 2602.00476): what the mean top probability of a gap of L masks is on average, as
   * a e^(-bL) + c e^(-dL) + e.
   */
  readonly lengthBias?: readonly [a: number, b: number, c: number, d: number, e: number];
  /** VS Code language id -> token that stands at position 0 instead of `bosId`. */
  readonly languageTokens?: Readonly<Record<string, number>>;
  /** Trained on cuts at any character: the seam needs no token healing. */
  readonly trainedOnCharacterCuts?: boolean;
  /** Trained on gaps masked from some place to their end: gaps of any length are filled from the left. */
  readonly trainedFromLeft?: boolean;
  /** Trained with instructions: opens the line, after the comment sign, that they were given in. */
  readonly instructionPrefix?: string;
  /** How conversations are written; base models have none. */
  readonly chat?: ChatFormat;
  readonly label?: string;
  readonly inlineThreshold?: number;
  readonly weights: WeightFormat;
  /** What the weights become before a CPU runs them, once, in the cache (expand.ts). */
  readonly cpuWeights?: 'q8';
  /** Weight file beside the manifest (safetensors, tensors in the graph's own layout). */
  readonly weightFile: string;
  readonly hasTokenizer: boolean;
  /** Number format of the published weights. */
  readonly dtype: string;
  /** Where the checkpoint came from, as far as its folder says: a hub name, or the folder's. */
  readonly source: string;
  /** As the checkpoint states it; absent where it states none. */
  readonly licence?: string;
  /** Every other file of the folder. */
  readonly files: Readonly<Record<string, FileRecord>>;
  readonly selfTest: SelfTestRecord;
  /** Of all other fields: a digit that was damaged is a number as well. Older folders have none. */
  readonly checksum?: string;
}

/** SHA-256 of the manifest as JSON, without its checksum. */
export function checksumOf(manifest: object): string {
  const json = JSON.stringify({ ...manifest, checksum: undefined });
  return createHash('sha256').update(json).digest('hex');
}
