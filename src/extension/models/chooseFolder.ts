/**
 * `Lacuna: Choose Model Folder`: a folder on this machine, used where it stands; a checkpoint in it is
 * converted into a cache of ours. Nothing is copied into the library and nothing in it is changed.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { tellFailure } from './tellFailure';
import { useModel } from './useModel';

export async function chooseFolder(context: LacunaContext): Promise<void> {
  const folders = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: vscode.l10n.t('Load Model'),
    title: vscode.l10n.t('A model folder or a downloaded checkpoint'),
  });
  if (folders?.[0] === undefined) return;
  await useModel(context, folders[0].fsPath).catch((thrown) => tellFailure(context, thrown));
}
