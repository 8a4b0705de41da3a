/**
 * What a refused or failed request answers over HTTP: a status, and a body that both our own clients
 * and those written for OpenAI's API can read. Knows no routes and no sockets.
 */
import { isAbort, LacunaError, toLacunaError, type ErrorCode } from '../../protocol/errors';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
}

/** OpenAI's `{error: {message, type, param, code}}`, with the three parts of our own errors beside it. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
    readonly doing: string;
    readonly found: string;
    readonly advice: string;
  };
}

export interface HttpErrorOptions {
  readonly code: string;
  readonly doing?: string;
  readonly found: string;
  readonly advice: string;
  /** The field of the body that is wrong. */
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that is HTTP's own: no token, too large, no such path. */
export class HttpError extends Error {
  override readonly name = 'HttpError';

  constructor(
    readonly status: number,
    readonly options: HttpErrorOptions,
  ) {
    super(options.found);
  }
}

/** Seconds after which whoever was told to come again should do so. */
export const retrySeconds = 1;

const statusOf: Readonly<Record<ErrorCode, number>> = {
  badUsage: 400,
  badInput: 400,
  contextTooLong: 400,
  unsupportedModel: 400,
  versionMismatch: 400,
  accessDenied: 403,
  busy: 503,
  noModel: 503,
  deviceUnavailable: 503,
  memoryFull: 503,
  samplerGone: 503,
  badCheckpoint: 500,
  diskFull: 500,
  downloadFailed: 500,
  internal: 500,
};

/** nginx's number for a client that hung up: nobody reads it, the metrics count it. */
const clientClosed = 499;

/** @param doing what was being done, for errors that do not say so themselves. */
export function toHttpAnswer(thrown: unknown, doing: string): HttpAnswer {
  if (thrown instanceof HttpError) {
    const { status, options } = thrown;
    return answer(status, { doing, ...options }, options.headers);
  }
  if (isAbort(thrown)) {
    const advice = 'Ask again';
    return answer(clientClosed, { code: 'cancelled', doing, found: 'it was cancelled', advice });
  }
  const error = toLacunaError(thrown, doing);
  const status = statusOf[error.code];
  const wait: Record<string, string> = status === 503 ? { 'Retry-After': `${retrySeconds}` } : {};
  return answer(status, { code: error.code, ...error.parts }, wait);
}

function answer(
  status: number,
  options: HttpErrorOptions & { readonly doing: string },
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const { code, doing, found, advice, param = null } = options;
  const message = `${doing}: ${found}. ${advice}.`;
  const error = { message, type: typeOf(status), param, code, doing, found, advice };
  return { status, headers, body: { error } };
}

/** The words that OpenAI's clients decide by. */
function typeOf(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** A LacunaError of the one kind that says: not now. */
export function busy(found: string): LacunaError {
  return new LacunaError('busy', {
    doing: 'Cannot take the request',
    found,
    advice: 'Try again in a moment',
  });
}
