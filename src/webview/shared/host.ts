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

export interface Host<Out, State extends object = object> {
  post(message: Out): void;
  /** What was kept; the page itself wrote it, though perhaps another version of it. */
  readonly kept: Partial<State>;
  keep(state: State): void;
}

/** @param read the message, or undefined for what is none; that is ignored. */
export function connect<In, Out, State extends object = object>(
  read: (value: unknown) => In | undefined,
  receive: (message: In) => void,
): Host<Out, State> {
  const api = acquireVsCodeApi();
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = read(data);
    if (message !== undefined) receive(message);
  });
  const kept = api.getState();
  return {
    post: (message) => api.postMessage(message),
    kept: typeof kept === 'object' && kept !== null ? (kept as Partial<State>) : {},
    keep: (state) => api.setState(state),
  };
}
