/**
 * The extension as a page sees it: messages to it, messages from it that were found to be some, and a
 * state that outlives the page while its tab is hidden. Knows no single view and no message.
 */

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface Host<Out> {
  post(message: Out): void;
  /** What was kept; the page itself wrote it, though perhaps another version of it. */
  readonly kept: unknown;
  keep(state: unknown): void;
}

/** @param read the message, or undefined for what is none; that is ignored. */
export function connect<In, Out>(
  read: (value: unknown) => In | undefined,
  receive: (message: In) => void,
): Host<Out> {
  const api = acquireVsCodeApi();
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = read(data);
    if (message !== undefined) receive(message);
  });
  return {
    post: (message) => api.postMessage(message),
    kept: api.getState(),
    keep: (state) => api.setState(state),
  };
}
