/**
 * The commands with which the user holds automatic completion back: toggle it, or snooze it for a
 * while. What they set is read by the provider.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from './context';
import { readInlineMode, writeInlineMode } from './settings';

const snoozeMinutes = [5, 15, 60];

export function activateAutomaticMode(context: LacunaContext): void {
  const { snooze } = context;
  context.own(
    vscode.commands.registerCommand('lacuna.toggleAutomatic', () =>
      writeInlineMode(readInlineMode() === 'auto' ? 'manual' : 'auto'),
    ),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.snooze', async (minutes?: unknown) => {
      if (typeof minutes === 'number') return snooze.start(minutes);
      if (snooze.isActive) return snooze.stop();
      const choices = snoozeMinutes.map((value) => ({
        label: vscode.l10n.t('{0} minutes', value),
        minutes: value,
      }));
      const choice = await vscode.window.showQuickPick(choices, {
        placeHolder: vscode.l10n.t('Pause automatic completion for'),
      });
      if (choice) snooze.start(choice.minutes);
    }),
  );
}
