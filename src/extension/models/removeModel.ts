/**
 * `Lacuna: Remove Model`: picks one that is there, or a download that was stopped, and has it deleted.
 * The one in use makes way for the embedded model first.
 */
import * as vscode from 'vscode';
import { removeModelRequest } from '../../protocol/modelMessages';
import { bytesText } from '../../protocol/modelText';
import type { LacunaContext } from '../context';
import { later } from '../l10n';
import { readModelSettings } from '../settings';
import { listModels, modelsDir } from './modelHome';
import { tellFailure } from './tellFailure';
import { useModel } from './useModel';

export async function removeModel(context: LacunaContext): Promise<void> {
  const { t } = vscode.l10n;
  try {
    const { installed, unfinished } = await listModels(context);
    const rows = [
      ...installed.map(({ name, bytes, dir }) => ({ name, bytes, dir, what: '' })),
      ...unfinished.map(({ name, bytes }) => ({ name, bytes, dir: '', what: t('not finished') })),
    ].map((row) => ({
      ...row,
      label: row.name,
      description: bytesText(row.bytes),
      detail: row.what,
    }));
    if (rows.length === 0) {
      const none = t('Lacuna: there is no model to remove; the embedded one stays.');
      void vscode.window.showInformationMessage(none).then(undefined, () => {});
      return;
    }
    const title = t('Lacuna: remove a model');
    const picked = await vscode.window.showQuickPick(rows, { title });
    if (picked === undefined) return;
    if (picked.dir !== '' && picked.dir === readModelSettings().path) await useModel(context, '');
    const params = { modelsDir: modelsDir(context), name: picked.name };
    const doing = later('Cannot remove the model');
    const { freedBytes } = await context.client.ask(removeModelRequest, params, { doing });
    const said = t(
      'Lacuna: {0} is removed, {1} are free again',
      picked.name,
      bytesText(freedBytes),
    );
    void vscode.window.setStatusBarMessage(`$(trash) ${said}`, 5000);
  } catch (thrown) {
    tellFailure(context, thrown);
  }
}
