/** The error of a connection that is over, and how the library's own errors about one are told. */
import { ConnectionError, ErrorCodes, ResponseError } from 'vscode-jsonrpc/node';
import { LacunaError } from '../protocol/errors';

export function samplerGone(doing: string, reason: string): LacunaError {
  return new LacunaError('samplerGone', {
    doing,
    found: `the sampler process is gone: ${reason}`,
    advice: 'Look into the Lacuna log, then run "Lacuna: Restart Sampler"',
  });
}

/** The pipe is known to be broken a moment before the process is known to be gone. */
export function isBrokenPipe(thrown: unknown): boolean {
  if (thrown instanceof ConnectionError) return true;
  if (!(thrown instanceof ResponseError)) return false;
  const { MessageWriteError, PendingResponseRejected } = ErrorCodes;
  return thrown.code === MessageWriteError || thrown.code === PendingResponseRejected;
}

/** Said by us already, or an abort. */
export function isOurs(thrown: unknown): boolean {
  return thrown instanceof LacunaError || thrown instanceof DOMException;
}
