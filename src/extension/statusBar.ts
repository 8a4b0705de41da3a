/**
 * The one status bar item: what Lacuna is doing, and why it may be silent here. A click opens the
 * menu. The words come from statusText.ts; this file listens and shows.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from './context';
import { isDisabledFile } from './disabledFiles';
import { onIgnoreFilesChange } from './ignore/ignoreFiles';
import { affectsLacuna, readInlineSettings } from './settings';
import { statusText } from './statusText';

/** Mean of the last answers above which the item says "slow". */
const slowMs = 3000;
const rememberedAnswers = 5;

export function activateStatusBar(context: LacunaContext): { readonly text: string } {
  const item = context.own(
    vscode.window.createStatusBarItem('lacuna.status', vscode.StatusBarAlignment.Right, 100),
  );
  item.name = 'Lacuna';
  item.command = 'lacuna.showMenu';
  const answersMs: number[] = [];

  const update = () => {
    const document = vscode.window.activeTextEditor?.document;
    const inline = document && readInlineSettings(document);
    const meanMs = answersMs.reduce((sum, ms) => sum + ms, 0) / Math.max(1, answersMs.length);
    const { text, tooltip, isTrouble } = statusText({
      sampler: context.client.status,
      ...(context.servers.address !== undefined && { server: context.servers.address }),
      mode: inline?.mode ?? 'auto',
      isGhostTextEnabled: vscode.workspace
        .getConfiguration('editor', document)
        .get<boolean>('inlineSuggest.enabled', true),
      isFileDisabled: inline !== undefined && isDisabledFile(document!, inline.disabledFiles),
      isSnoozed: context.snooze.isActive,
      isOnBattery: context.battery.isPausing,
      isSlow: meanMs > slowMs,
    });
    item.text = text;
    item.tooltip = tooltip;
    item.backgroundColor = isTrouble
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    item.show();
  };

  context.own(context.client.onStatus(update));
  context.own(context.snooze.onChange(update));
  context.own(context.battery.onChange(update));
  context.own(onIgnoreFilesChange(update));
  context.own(vscode.window.onDidChangeActiveTextEditor(update));
  context.own(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (affectsLacuna(change) || change.affectsConfiguration('editor.inlineSuggest')) update();
    }),
  );
  context.own(
    context.requests.onRecord(({ fromCache, forwards, parts }) => {
      if (fromCache || forwards === undefined) return;
      answersMs.push(parts.totalMs - parts.debounceMs);
      if (answersMs.length > rememberedAnswers) answersMs.shift();
      update();
    }),
  );
  update();
  return item;
}
