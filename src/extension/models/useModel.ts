/**
 * Makes a folder the model that fills are made with: loads it first and writes the setting only then,
 * so that the one before it stays, loaded and named, when that fails.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { embeddedFolder } from '../modelFolder';
import { loadFolder } from '../sampler';
import { writeModelPath } from '../settings';

/** Loads a folder and writes it down; `''` stands for the embedded model. */
export async function useModel(context: LacunaContext, path: string): Promise<void> {
  const title = vscode.l10n.t('Lacuna: loading the model');
  const info = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title },
    () => loadFolder(context, path === '' ? embeddedFolder(context) : path),
  );
  await writeModelPath(path);
  const said = vscode.l10n.t('Lacuna: {0} is loaded', info.name);
  void vscode.window.setStatusBarMessage(`$(check) ${said}`, 5000);
}
