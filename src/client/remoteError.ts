/**
 * From the wire back to errors: a response's `data` becomes the LacunaError it was made from, a
 * cancelled request an AbortError. The other half is src/server/errorResponse.ts.
 */
import { ResponseError } from 'vscode-jsonrpc/node';
import { LacunaError, toLacunaError, type ErrorCode } from '../protocol/errors';
import { cancelledCode, type ErrorData } from '../protocol/messages';
import { cancelled } from './orAbort';

/** Every code by name, so that an unknown one from a newer peer is told; a forgotten one does not compile. */
const errorCodes: Readonly<Record<ErrorCode, true>> = {
  badUsage: true,
  badInput: true,
  badCheckpoint: true,
  unsupportedModel: true,
  deviceUnavailable: true,
  noModel: true,
  contextTooLong: true,
  versionMismatch: true,
  diskFull: true,
  downloadFailed: true,
  accessDenied: true,
  busy: true,
  memoryFull: true,
  samplerGone: true,
  internal: true,
};

/** @param doing what was being done, for errors that do not say so themselves. */
export function fromRemote(thrown: unknown, doing: string): Error {
  if (!(thrown instanceof ResponseError)) return toLacunaError(thrown, doing);
  if (thrown.code === cancelledCode) return cancelled();
  const data = thrown.data as ErrorData | undefined;
  if (data?.parts === undefined) return toLacunaError(thrown, doing);
  return new LacunaError(isErrorCode(data.code) ? data.code : 'internal', data.parts);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
