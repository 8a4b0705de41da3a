/**
 * The one error type that a user may read. Its three parts are what every message owes its reader:
 * what was being done, what was found, what to do now. Knows no process, no file system, no editor.
 */

import { isDiskFull } from './diskFull';

/** Why a request failed. Stable: the extension and the CLI decide by it, never by the wording. */
export type ErrorCode =
  | 'badUsage' // the caller's arguments make no sense
  | 'badInput' // the text, ids or file given cannot be filled
  | 'badCheckpoint' // a checkpoint or model folder is missing a piece, damaged or of a wrong shape
  | 'unsupportedModel' // a sound checkpoint of a kind that cannot infill
  | 'deviceUnavailable' // the wished execution provider is not there or fails its self-check
  | 'noModel' // a fill was asked before a model was loaded
  | 'contextTooLong' // what must stay on the canvas does not fit the model
  | 'versionMismatch' // the two ends of the pipe speak different protocol versions
  | 'diskFull' // what had to be written does not fit
  | 'downloadFailed' // a hub or mirror could not be reached, or sent something else than it promised
  | 'accessDenied' // a hub wants a token, or its conditions accepted on its own page
  | 'busy' // a server has too much to do, or is going down
  | 'memoryFull' // the sampler process holds as much memory as it may
  | 'samplerGone' // the sampler process ended or could not start
  | 'internal'; // our own fault

export interface ErrorParts {
  /** What was being done, sentence case, no final period: `Cannot load checkpoint "x"`. */
  readonly doing: string;
  /** What was found, with the value: `tensor "model.norm.weight" is missing`. */
  readonly found: string;
  /** What the reader can do, an imperative: `Download the checkpoint again`. */
  readonly advice: string;
}

export class LacunaError extends Error {
  override readonly name = 'LacunaError';
  readonly code: ErrorCode;
  readonly parts: ErrorParts;

  constructor(code: ErrorCode, parts: ErrorParts, options?: ErrorOptions) {
    super(`${parts.doing}: ${parts.found}. ${parts.advice}.`, options);
    this.code = code;
    this.parts = parts;
  }
}

/** Any thrown value as a LacunaError; one that is none already becomes `internal`, but for a full disk. */
export function toLacunaError(thrown: unknown, doing: string): LacunaError {
  if (thrown instanceof LacunaError) return thrown;
  const found = thrown instanceof Error ? thrown.message : String(thrown);
  if (isDiskFull(thrown)) {
    const parts = { doing, found: 'the disk is full', advice: 'Free some space and try again' };
    return new LacunaError('diskFull', parts, { cause: thrown });
  }
  return new LacunaError(
    'internal',
    { doing, found, advice: 'Look into the Lacuna log and report what it says' },
    { cause: thrown },
  );
}

/** True for the rejection of an aborted AbortSignal: cancelled is not an error. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}
