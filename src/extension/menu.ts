/**
 * The menu behind the status bar items: the commands that make sense now, in plain words; those of a
 * proposal first, while one is up. Holds no behaviour; each entry runs a command of its own.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from './context';
import type { EditSession } from './edits/editSession';

interface Entry extends vscode.QuickPickItem {
  readonly command: string;
  readonly argument?: string;
}

export function activateMenu(
  context: LacunaContext,
  proposal: () => EditSession | undefined,
): void {
  context.own(
    vscode.commands.registerCommand('lacuna.showMenu', async () => {
      const entry = await vscode.window.showQuickPick(
        [...proposalEntries(proposal()), ...entries(context)],
        { title: 'Lacuna' },
      );
      if (entry) await vscode.commands.executeCommand(entry.command, entry.argument);
    }),
  );
}

function proposalEntries(session: EditSession | undefined): Entry[] {
  if (!session) return [];
  const { t } = vscode.l10n;
  const reject = { label: t('$(close-all) Reject the proposal'), command: 'lacuna.rejectAll' };
  if (session.state !== 'ready') return [reject];
  return [
    { label: t('$(check-all) Accept the proposal'), command: 'lacuna.acceptAll' },
    reject,
    ...(session.view.hunks.length > 1 ? hunkEntries() : []),
    { label: t('$(refresh) Propose again'), command: 'lacuna.again' },
    { label: t('$(list-selection) Choose an alternative'), command: 'lacuna.chooseAlternative' },
    { label: t('$(diff) Show it as a diff'), command: 'lacuna.showDiff' },
  ];
}

function hunkEntries(): Entry[] {
  const { t } = vscode.l10n;
  return [
    { label: t('$(check) Accept the change at the cursor'), command: 'lacuna.acceptGap' },
    { label: t('$(close) Reject the change at the cursor'), command: 'lacuna.rejectGap' },
    { label: t('$(arrow-down) Go to the next change'), command: 'lacuna.nextGap' },
  ];
}

function entries({ client, snooze, requests }: LacunaContext): Entry[] {
  const { t } = vscode.l10n;
  const { state, detail } = client.status;
  return [
    { label: t('$(sparkle) Fill at cursor'), command: 'lacuna.fillAtCursor' },
    { label: t('$(wand) Regenerate selection'), command: 'lacuna.regenerateSelection' },
    { label: t('$(symbol-array) Fill all gaps'), command: 'lacuna.fillAllGaps' },
    { label: t('$(flame) Show confidence'), command: 'lacuna.showConfidence' },
    { label: t('$(search) Scan for surprises'), command: 'lacuna.scanSelection' },
    { label: t('$(comment) Ask in the panel'), command: 'lacuna.askInPanel' },
    { label: t('$(graph-line) Show the last run step by step'), command: 'lacuna.showLiveView' },
    { label: t('$(question) Explain last suggestion'), command: 'lacuna.explainLast' },
    { label: t('$(debug-pause) Toggle automatic completion'), command: 'lacuna.toggleAutomatic' },
    {
      label: snooze.isActive ? t('$(bell) End snooze') : t('$(bell-slash) Snooze'),
      command: 'lacuna.snooze',
    },
    {
      label: t('$(database) Choose model'),
      command: 'lacuna.chooseModel',
      ...(client.status.model && { description: client.status.model.name }),
    },
    {
      label: t('$(debug-restart) Restart sampler process'),
      command: 'lacuna.restartSampler',
      description: detail === '' ? state : `${state}: ${detail}`,
    },
    { label: t('$(debug-stop) Stop sampler process'), command: 'lacuna.stopSampler' },
    { label: t('$(server-process) Show sampler status'), command: 'lacuna.samplerStatus' },
    {
      label: t('$(output) Show log'),
      command: 'lacuna.showLog',
      description: t('shown {0}, accepted {1}', requests.shown, requests.accepted),
    },
    { label: t('$(beaker) Run self-test'), command: 'lacuna.selfTest' },
    { label: t('$(graph) Show statistics'), command: 'lacuna.showStatistics' },
    { label: t('$(book) Open walkthrough'), command: 'lacuna.openWalkthrough' },
    { label: t('$(clippy) Copy diagnostics'), command: 'lacuna.copyDiagnostics' },
    {
      label: t('$(gear) Settings'),
      command: 'workbench.action.openSettings',
      argument: '@ext:lacuna.lacuna',
    },
  ];
}
