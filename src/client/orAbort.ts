/**
 * Waits for a promise, but no longer than a signal allows. What the promise stands for goes on;
 * whoever called has stopped caring.
 */
export async function orAbort<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  onAbort: () => void = () => {},
): Promise<T> {
  if (signal === undefined) return promise;
  promise.catch(() => {}); // may reject long after the abort, when nobody listens any more
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      onAbort();
      reject(cancelled());
    };
    signal.addEventListener('abort', abort, { once: true });
  });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Cancelled is not an error: callers tell it by its name, `AbortError`. */
export function cancelled(): DOMException {
  return new DOMException('The request was cancelled', 'AbortError');
}
