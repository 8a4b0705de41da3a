/**
 * VS Code as a page sees it: one way to post, one to hear, and a state that outlives the page while its view
 * is hidden. Knows no message; each page says how what it hears is checked.
 */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface Host<Out, State extends object> {
  post(message: Out): void;
  /** What was kept; whatever else is found there counts as nothing. */
  readonly kept: Partial<State>;
  keep(state: State): void;
}

/** Once a page: VS Code gives its API out a single time. */
export function connect<In, Out, State extends object>(
  read: (value: unknown) => In | undefined,
  onMessage: (message: In) => void,
): Host<Out, State> {
  const api = acquireVsCodeApi();
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = read(data);
    if (message !== undefined) onMessage(message);
  });
  const kept = api.getState();
  return {
    post: (message) => api.postMessage(message),
    kept: typeof kept === 'object' && kept !== null ? (kept as Partial<State>) : {},
    keep: (state) => api.setState(state),
  };
}
