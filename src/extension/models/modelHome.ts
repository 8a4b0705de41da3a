/**
 * Where the editor keeps models, and how the network is reached: VS Code's own proxy settings, a
 * mirror of the user's, a token from the secret store. What is absent here the sampler process takes
 * from its environment.
 */
import * as vscode from 'vscode';
import { listModelsRequest, type ModelList, type NetworkWish } from '../../protocol/modelMessages';
import type { LacunaContext } from '../context';
import { later } from '../l10n';
import { readModelSettings } from '../settings';
import { proxyWish } from './proxyWish';

const tokenKey = 'lacuna.hubToken';

/** Not `models`: there lie conversions of folders that stay where they are. */
export function modelsDir({ extension }: LacunaContext): string {
  return vscode.Uri.joinPath(extension.globalStorageUri, 'library').fsPath;
}

export async function networkWish({ extension }: LacunaContext): Promise<NetworkWish> {
  const { endpoint } = readModelSettings();
  const token = await extension.secrets.get(tokenKey);
  return {
    ...proxyWish(vscode.workspace.getConfiguration('http')),
    ...(endpoint !== '' && { endpoint }),
    ...(token !== undefined && token !== '' && { token }),
  };
}

export function listModels(context: LacunaContext): Promise<ModelList> {
  const params = { modelsDir: modelsDir(context) };
  return context.client.ask(listModelsRequest, params, { doing: later('Cannot list models') });
}

/** Asks for an access token and keeps it in the secret store; false where none was given. */
export async function askForToken({ extension }: LacunaContext): Promise<boolean> {
  const token = await vscode.window.showInputBox({
    title: vscode.l10n.t('Access token of the hub'),
    prompt: vscode.l10n.t('Kept in the secret store, shown to the hub only; empty forgets it'),
    password: true,
    ignoreFocusOut: true,
  });
  if (token === undefined) return false;
  if (token.trim() === '') await extension.secrets.delete(tokenKey);
  else await extension.secrets.store(tokenKey, token.trim());
  return token.trim() !== '';
}
