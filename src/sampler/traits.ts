/**
 * What the sampler has to know about a model besides its numbers: which token is the mask, whether
 * row m-1 predicts token m, how a canvas begins, how a gap's length is found. Derived from the
 * manifest, so that no file here asks which architecture it serves.
 */
import type { Manifest } from '../model/manifest';
import type { SamplingOptions } from '../protocol/messages';
import type { LengthBias } from './lengthScore';

export interface ModelTraits {
  readonly maskId: number;
  /** Row m-1 predicts token m; then position 0 can never be predicted. */
  readonly shift: boolean;
  readonly maxTokens: number;
  /** Stands at position 0 unless the language has a token of its own. */
  readonly bosId?: number;
  readonly languageTokens: Readonly<Record<string, number>>;
  /** Ends every canvas, behind the suffix, as it did in training. */
  readonly closingId?: number;
  /** Becomes two masks when it is committed; `deleteId` vanishes. */
  readonly expandId?: number;
  readonly deleteId?: number;
  /** Stand behind the end of an answer: they close a gap that nothing follows. */
  readonly tailIds?: readonly number[];
  /** A classifier tells likely lengths from the text before a gap. */
  readonly predictsLength?: boolean;
  /** Of this model's mean top probability by length; absent: the published one. */
  readonly lengthBias?: LengthBias;
  /** What its authors sample with, in place of the defaults. */
  readonly sampling?: SamplingOptions;
  /** Target of the slots a gap does not need; absent: lengths are found another way. */
  readonly blankId?: number;
  readonly blankLossWeight: number;
  /** Training masked gaps from some place to their end: it is surest where the text before is there. */
  readonly fromLeft?: boolean;
  /** The seam needs no healing: training cut texts at any character. */
  readonly trainedOnCharacterCuts: boolean;
  /** Opens the line that instructions were given in; absent: the model was trained without any. */
  readonly instructionPrefix?: string;
}

export function traitsOf(manifest: Manifest): ModelTraits {
  const start = manifest.bosId ?? manifest.eosId;
  return {
    maskId: manifest.maskId,
    shift: manifest.shift,
    maxTokens: manifest.dimensions.maxTokens,
    ...(start === undefined ? {} : { bosId: start }),
    languageTokens: manifest.languageTokens ?? {},
    ...(manifest.closesCanvas && manifest.eosId !== undefined ? { closingId: manifest.eosId } : {}),
    ...(manifest.lengthPolicy === 'expand' &&
    manifest.expandId !== undefined &&
    manifest.deleteId !== undefined
      ? { expandId: manifest.expandId, deleteId: manifest.deleteId }
      : {}),
    ...(manifest.tailIds === undefined ? {} : { tailIds: manifest.tailIds }),
    ...(manifest.lengthPolicy === 'predicted' ? { predictsLength: true } : {}),
    ...(manifest.lengthBias === undefined ? {} : { lengthBias: manifest.lengthBias }),
    ...(manifest.sampling === undefined ? {} : { sampling: manifest.sampling }),
    ...(manifest.blankId === undefined ? {} : { blankId: manifest.blankId }),
    blankLossWeight: manifest.blankLossWeight ?? 1,
    ...(manifest.trainedFromLeft === undefined ? {} : { fromLeft: manifest.trainedFromLeft }),
    trainedOnCharacterCuts: manifest.trainedOnCharacterCuts ?? false,
    ...(manifest.instructionPrefix === undefined
      ? {}
      : { instructionPrefix: manifest.instructionPrefix }),
  };
}
