/**
 * The commands about the sampler process: restart it, stop it, say how it is; and the one message when
 * it has ended so often that it stays down. What they do is the client's business.
 */
import * as vscode from 'vscode';
import type { SamplerStatus } from '../client/samplerClient';
import type { LacunaContext } from './context';
import { showPage } from './help/pages';
import { samplerStatusText } from './help/samplerStatusText';
import { messageOf } from './l10n';

/** @param loadModel for a process that never had a model: it comes back without one. */
export function activateSamplerCommands(
  context: LacunaContext,
  loadModel: () => Promise<void>,
): void {
  const { client, log } = context;
  const failed = (error: unknown) => log.error(String(error));
  context.own(
    vscode.commands.registerCommand('lacuna.restartSampler', async () => {
      await client.restart().catch(failed);
      if (!client.status.model) await loadModel();
    }),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.stopSampler', () => client.stop().catch(failed)),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.samplerStatus', async () => {
      try {
        const text = samplerStatusText(await client.processStatus());
        await showPage(vscode.l10n.t('Lacuna Sampler'), text);
        return text;
      } catch (error) {
        void vscode.window.showInformationMessage(messageOf(error)).then(undefined, () => {});
        return undefined;
      }
    }),
  );
  context.own(client.onStatus(tellGivingUp()));
}

/** A process that worked and keeps ending is worth one message; one that never did shows its status. */
function tellGivingUp(): (status: SamplerStatus) => void {
  let hasWorked = false;
  return ({ state, detail }) => {
    if (state === 'ready') hasWorked = true;
    if (state !== 'failed' || !hasWorked) return;
    hasWorked = false;
    const restart = vscode.l10n.t('Restart sampler');
    const showLog = vscode.l10n.t('Show log');
    const text = vscode.l10n.t('Lacuna has stopped filling: {0}', detail);
    void vscode.window.showErrorMessage(text, restart, showLog).then(
      (choice) => {
        if (choice === restart) void vscode.commands.executeCommand('lacuna.restartSampler');
        if (choice === showLog) void vscode.commands.executeCommand('lacuna.showLog');
      },
      () => {},
    );
  };
}
