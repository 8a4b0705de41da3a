/**
 * Which model folder is loaded: the one of the setting, or the embedded one; and the command with
 * which the user picks another. Knows nothing of what is inside such a folder.
 */
import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { LacunaContext } from './context';
import { readModelSettings, writeModelPath } from './settings';

/** Made by the build from the second, which is what a fresh clone has. */
const embedded = ['dist/model', 'models/lacuna-default'];

export function modelFolder({ extension }: LacunaContext): string {
  const { path } = readModelSettings();
  if (path !== '') return path;
  const folders = embedded.map((folder) => extension.asAbsolutePath(folder));
  return folders.find(existsSync) ?? folders[0]!;
}

export function activateModelFolder(context: LacunaContext): void {
  context.own(
    vscode.commands.registerCommand('lacuna.chooseModelFolder', async () => {
      const useEmbedded = vscode.l10n.t('Use the embedded model');
      const choose = vscode.l10n.t('Choose a folder…');
      const choice = await vscode.window.showQuickPick([choose, useEmbedded], {
        placeHolder: vscode.l10n.t('Now loaded from: {0}', modelFolder(context)),
      });
      if (choice === useEmbedded) await writeModelPath('');
      if (choice !== choose) return;
      const folders = await vscode.window.showOpenDialog({
        canSelectFiles: false,
        canSelectFolders: true,
        openLabel: vscode.l10n.t('Load Model'),
        title: vscode.l10n.t('A model folder or a downloaded checkpoint'),
      });
      if (folders?.[0]) await writeModelPath(folders[0].fsPath);
    }),
  );
}
