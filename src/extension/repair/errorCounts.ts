/**
 * How many errors language servers report for a document, and when they have settled after an edit: they
 * answer late and in several goes, and none says when it is done. Knows no repair.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { remarkSource } from '../confidence/remarks';

/** Nobody waits longer for a number in the status bar. */
const limitMs = 3000;
/** Longer than between two goes of a server. */
const quietMs = 700;

export function isForeignError({ severity, source }: vscode.Diagnostic): boolean {
  return severity === vscode.DiagnosticSeverity.Error && source !== remarkSource;
}

export function countErrors(uri: vscode.Uri): number {
  return vscode.languages.getDiagnostics(uri).filter(isForeignError).length;
}

/** Resolves once no server has spoken for a while since it first did, or at the limit. */
export async function settledErrors(uri: vscode.Uri): Promise<number> {
  let lastMs: number | undefined;
  const listener = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
    if (uris.some((changed) => changed.toString() === uri.toString())) lastMs = performance.now();
  });
  const deadlineMs = performance.now() + limitMs;
  const isQuiet = () => lastMs !== undefined && performance.now() - lastMs >= quietMs;
  while (!isQuiet() && performance.now() < deadlineMs) await sleep(50);
  listener.dispose();
  return countErrors(uri);
}
