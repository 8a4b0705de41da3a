/** VS Code's cancellation token as the signal that the sampler's client knows. Knows no request. */
import type * as vscode from 'vscode';

export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const aborter = new AbortController();
  if (token.isCancellationRequested) aborter.abort();
  else token.onCancellationRequested(() => aborter.abort());
  return aborter.signal;
}
