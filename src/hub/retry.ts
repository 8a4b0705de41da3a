/**
 * When a request that failed is worth another try, and how long to wait: a busy server says so
 * itself, a lost connection gets growing pauses. Pure but for the sleep, which is given to it.
 */
import { LacunaError } from '../protocol/errors';

export interface Patience {
  /** Tries without a byte of progress before it is given up. */
  readonly tries: number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Told before each wait. */
  readonly onWait?: (reason: string, ms: number) => void;
}

const firstPauseMs = 1000;
const longestPauseMs = 30_000;
/** A server that wants to be left alone for longer is left alone; the user may come back. */
const longestRetryAfterMs = 120_000;

/** @param attempt 1 after the first failure. */
export function pauseMs(attempt: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
}

export function isWorthRetrying(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/**
 * Milliseconds of a Retry-After header (seconds or a date); undefined where there is none. A date is taken
 * by the server's own clock, where the answer tells it: this machine's may be hours off.
 */
export function retryAfterMs(headers: Headers, nowMs = Date.now()): number | undefined {
  const header = headers.get('retry-after')?.trim() ?? '';
  if (header === '') return undefined;
  if (/^\d+$/.test(header)) return 1000 * Number(header);
  const date = Date.parse(header);
  const sent = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? undefined : Math.max(0, date - (Number.isNaN(sent) ? nowMs : sent));
}

/**
 * Fetches until there is a response that is worth having: success, a redirect, or a refusal that will
 * not change. Connection errors and busy servers are tried again.
 */
export async function fetchPatiently(
  fetchOnce: typeof fetch,
  url: string | URL,
  init: RequestInit,
  patience: Patience,
): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const isLast = attempt >= patience.tries;
    let wait = pauseMs(attempt);
    let reason = 'the connection was lost';
    try {
      const response = await fetchOnce(url, init);
      if (!isWorthRetrying(response.status)) return response;
      await response.body?.cancel();
      reason = `the server is busy (${response.status})`;
      wait = retryAfterMs(response.headers) ?? wait;
      if (isLast || wait > longestRetryAfterMs) throw busy(new URL(url), response.status, wait);
    } catch (thrown) {
      init.signal?.throwIfAborted();
      const isLost = thrown instanceof LacunaError && thrown.cause !== undefined;
      if (isLast || !isLost || isHopeless(thrown.cause)) throw thrown;
    }
    patience.onWait?.(reason, wait);
    await patience.sleep(wait, init.signal ?? undefined);
  }
}

/** No name, no trust, no listener: these do not pass by waiting some seconds. */
function isHopeless(thrown: unknown): boolean {
  let inner = thrown;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  const code = (inner as { code?: unknown } | undefined)?.code;
  return (
    typeof code === 'string' &&
    /ENOTFOUND|ECONNREFUSED|CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|ERR_SSL/.test(code)
  );
}

function busy(url: URL, status: number, waitMs: number): LacunaError {
  const later = `Try again in ${Math.ceil(waitMs / 1000)} s; what is there already is kept`;
  return new LacunaError('downloadFailed', {
    doing: `Cannot download from ${url.origin}`,
    found: `the server answers with status ${status} again and again`,
    advice: later,
  });
}
