/**
 * `Lacuna: Choose Model`: a list of what is there, what is known and the other ways in. A model that
 * is there is loaded first and written into the settings only then, so the one before it stays when
 * it cannot be loaded. Fetching is addModel.ts's affair.
 */
import * as vscode from 'vscode';
import { benchRequest } from '../../protocol/modelMessages';
import { bytesText } from '../../protocol/modelText';
import type { LacunaContext } from '../context';
import { later } from '../l10n';
import { readModelSettings } from '../settings';
import { addModel } from './addModel';
import { chooseFolder } from './chooseFolder';
import { listModels, modelsDir } from './modelHome';
import { modelItems, type ModelChoice, type ModelItem } from './modelItems';
import { tellFailure } from './tellFailure';
import { useModel } from './useModel';

export async function chooseModel(context: LacunaContext, source?: string): Promise<void> {
  if (source !== undefined) return addModel(context, source);
  try {
    const list = await listModels(context);
    const choice = await pick(modelItems(list, loadedDir()), list.machine.availableBytes);
    if (choice !== undefined) await follow(context, choice);
  } catch (thrown) {
    tellFailure(context, thrown);
  }
}

async function follow(context: LacunaContext, choice: ModelChoice): Promise<void> {
  switch (choice.kind) {
    case 'embedded':
      return useModel(context, '');
    case 'installed':
      return useModel(context, choice.dir);
    case 'add':
      return addModel(context, choice.source);
    case 'refused':
      void vscode.window.showWarningMessage(choice.why).then(undefined, () => {});
      return;
    case 'folder':
      return chooseFolder(context);
    case 'id': {
      const named = await askForId();
      if (named !== undefined) await addModel(context, named);
      return;
    }
    case 'measure':
      await measure(context);
      return chooseModel(context);
  }
}

/** What fills are made with, as the settings name it; undefined for the embedded model. */
function loadedDir(): string | undefined {
  return readModelSettings().path || undefined;
}

async function pick(
  items: readonly ModelItem[],
  freeBytes: number,
): Promise<ModelChoice | undefined> {
  const rows = items.map((item) =>
    item.choice === undefined ? { ...item, kind: vscode.QuickPickItemKind.Separator } : item,
  );
  const picked = await vscode.window.showQuickPick<ModelItem & vscode.QuickPickItem>(rows, {
    title: vscode.l10n.t('Lacuna: choose a model ({0} of memory free)', bytesText(freeBytes)),
    placeHolder: vscode.l10n.t('Nothing is downloaded before you have seen its licence'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.choice;
}

function askForId(): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('A model on the hub'),
    prompt: vscode.l10n.t('organisation/name, or an address that ends so'),
    placeHolder: 'diffusionfamily/diffugpt-s',
    ignoreFocusOut: true,
    validateInput: (text) =>
      /[^/\s]\/[^/\s]/.test(text.trim())
        ? undefined
        : vscode.l10n.t('Name it like diffusionfamily/diffugpt-s'),
  });
}

function measure(context: LacunaContext): Thenable<unknown> {
  const { device } = readModelSettings();
  const params = { modelsDir: modelsDir(context), device };
  const title = vscode.l10n.t('Lacuna: measuring this machine, ten seconds or so');
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress({ location, title, cancellable: true }, (_, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    const options = { doing: later('Cannot measure the machine'), signal: abort.signal };
    return context.client.ask(benchRequest, params, options);
  });
}
