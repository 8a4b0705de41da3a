/**
 * "Run Self-Test": starts the sampler process if need be, fills a known gap and says whether all is well,
 * how long it took, and else why not. Touches no document. The steps are in selfTestRun.ts.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { fileRefusal } from '../disabledFiles';
import type { FillSource } from '../edits/fillSource';
import { readyModel } from '../sampler';
import { readInlineSettings } from '../settings';
import { explainSilence, type Silence } from '../silence';
import { showPage } from './pages';
import { runSelfTest, type SelfTestResult } from './selfTestRun';
import { selfTestPage, selfTestSentence, stepName } from './selfTestText';

/** What the command resolves to. */
export interface SelfTestReport {
  readonly isWell: boolean;
  readonly text: string;
}

export function activateSelfTest(context: LacunaContext, source: FillSource): void {
  context.own(
    vscode.commands.registerCommand('lacuna.selfTest', async (): Promise<SelfTestReport> => {
      const result = await runWithProgress(context, source);
      const remarks = result.failure ? [] : remarksHere(context);
      const text = selfTestSentence(result, remarks);
      context.log.info(`self-test: ${text}`);
      // Not awaited: a command that waits for its own dialog would seem to hang to its caller.
      void tell(context, result, remarks).then(undefined, () => {});
      return { isWell: result.failure === undefined, text };
    }),
  );
}

function runWithProgress(context: LacunaContext, source: FillSource): Promise<SelfTestResult> {
  const abort = new AbortController();
  const tools = {
    model: async (signal: AbortSignal) => {
      // One that failed or was never started does not come back by itself.
      const isDown = ['failed', 'stopped'].includes(context.client.status.state);
      if (isDown) await vscode.commands.executeCommand('lacuna.restartSampler');
      return source.model(vscode.l10n.t('Cannot run the self-test'), signal);
    },
    fill: (params: Parameters<FillSource['fill']>[0], signal: AbortSignal) =>
      source.fill(params, { origin: { title: vscode.l10n.t('Self-test'), file: '' }, signal }),
    nowMs: () => performance.now(),
  };
  const { Notification: location } = vscode.ProgressLocation;
  const title = vscode.l10n.t('Lacuna: self-test');
  return Promise.resolve(
    vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) => {
      token.onCancellationRequested(() => abort.abort());
      return runSelfTest(tools, abort.signal, (step) =>
        progress.report({ message: stepName(step) }),
      );
    }),
  );
}

/** The model works; these are reasons why its user may see nothing all the same. */
function remarksHere({ snooze, battery, client }: LacunaContext): string[] {
  const document = vscode.window.activeTextEditor?.document;
  const settings = document && readInlineSettings(document);
  const editor = vscode.workspace.getConfiguration('editor', document);
  const remarks: string[] = [];
  if (!editor.get<boolean>('inlineSuggest.enabled', true)) {
    remarks.push(
      vscode.l10n.t('VS Code shows no inline suggestions here ("editor.inlineSuggest.enabled").'),
    );
  }
  const refusal = document && fileRefusal(document, settings!.disabledFiles);
  const silences: (Silence | undefined)[] = [
    refusal,
    settings && settings.mode !== 'auto' ? settings.mode : undefined,
    snooze.isActive ? 'snoozed' : undefined,
    battery.isPausing ? 'onBattery' : undefined,
  ];
  for (const silence of silences) {
    if (silence)
      remarks.push(
        vscode.l10n.t(
          'In this editor nothing is shown while you type: {0}.',
          explainSilence(silence),
        ),
      );
  }
  if (readyModel(client.status)?.label === 'demo') {
    remarks.push(vscode.l10n.t('The embedded model is small.'));
  }
  return remarks;
}

async function tell(
  { log }: LacunaContext,
  result: SelfTestResult,
  remarks: readonly string[],
): Promise<void> {
  const details = vscode.l10n.t('Details');
  const showLog = vscode.l10n.t('Show Log');
  const { showInformationMessage, showErrorMessage } = vscode.window;
  const hasFailed = result.failure !== undefined && result.failure.reason !== 'cancelled';
  const show = hasFailed ? showErrorMessage : showInformationMessage;
  const choice = await show(selfTestSentence(result, remarks), details, showLog);
  if (choice === details)
    await showPage(vscode.l10n.t('Lacuna Self-Test'), selfTestPage(result, remarks));
  if (choice === showLog) log.show();
}
