/**
 * How a command about models says that it failed: once, in the log and in a notification with what
 * can be done about it. Cancelled is not a failure.
 */
import * as vscode from 'vscode';
import { isAbort } from '../../protocol/errors';
import type { LacunaContext } from '../context';
import { messageOf } from '../l10n';

/** @param actions by the words on their buttons. */
export function tellFailure(
  { log }: LacunaContext,
  thrown: unknown,
  actions: Readonly<Record<string, () => unknown>> = {},
): void {
  if (isAbort(thrown)) return;
  const text = messageOf(thrown);
  log.error(text);
  const buttons = Object.keys(actions);
  // Not awaited: a command that waits for its own notification would seem to hang to its caller.
  void vscode.window.showErrorMessage(text, ...buttons).then(
    (pressed) => pressed !== undefined && actions[pressed]?.(),
    () => {},
  );
}
