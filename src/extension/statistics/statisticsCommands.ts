/**
 * The commands of the statistics: show them as a page, begin anew, write them to a file that the user
 * names. Counts nothing.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { showPage } from '../help/pages';
import { statisticsJson, statisticsPage } from './statisticsText';
import type { StatisticsStore } from './store';

export function activateStatisticsCommands(context: LacunaContext, store: StatisticsStore): void {
  const { registerCommand } = vscode.commands;
  context.own(
    registerCommand('lacuna.showStatistics', async () => {
      await showPage(vscode.l10n.t('Lacuna Statistics'), statisticsPage(store.counts));
    }),
  );
  context.own(registerCommand('lacuna.resetStatistics', () => reset(store)));
  context.own(
    registerCommand('lacuna.exportStatistics', async (file?: unknown) => {
      const target = file instanceof vscode.Uri ? file : await askForFile();
      if (target) await write(context, target, statisticsJson(store.counts));
    }),
  );
}

async function reset(store: StatisticsStore): Promise<void> {
  const begin = vscode.l10n.t('Begin Anew');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('Set all counts of the statistics to nothing?'),
    { modal: true },
    begin,
  );
  if (choice === begin) await store.reset();
}

function askForFile(): Thenable<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export the statistics'),
    filters: { JSON: ['json'] },
  });
}

async function write({ log }: LacunaContext, file: vscode.Uri, text: string): Promise<void> {
  try {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  } catch (error) {
    log.warn(`Cannot export the statistics: ${String(error)}`);
    const message = vscode.l10n.t(
      'Cannot export the statistics to {0}: {1}',
      file.fsPath,
      String(error),
    );
    void vscode.window.showErrorMessage(message).then(undefined, () => {});
  }
}
