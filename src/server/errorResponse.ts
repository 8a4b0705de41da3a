/**
 * What a failed request answers: a JSON-RPC error whose `data` holds the LacunaError's parts, or
 * LSP's "request cancelled". The other half, from wire to error, is src/client/remoteError.ts.
 */
import { ResponseError } from 'vscode-jsonrpc/node';
import { isAbort, toLacunaError } from '../protocol/errors';
import { cancelledCode, failedCode, type ErrorData } from '../protocol/messages';

/** @param doing what was being done, for errors that do not say so themselves. */
export function toErrorResponse(thrown: unknown, doing: string): ResponseError<ErrorData> {
  if (isAbort(thrown)) return new ResponseError(cancelledCode, 'Request cancelled');
  const error = toLacunaError(thrown, doing);
  return new ResponseError(failedCode, error.message, { code: error.code, parts: error.parts });
}
