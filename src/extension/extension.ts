/**
 * Entry of the extension: builds the context and lets each feature, one file each, hook itself in.
 * A table of contents; nothing is decided here.
 */
import * as vscode from 'vscode';
import type { SamplerStatus } from '../client/samplerClient';
import { activateAutomaticMode } from './automaticMode';
import { activateChat } from './chat/chat';
import { activateConfidence } from './confidence/confidence';
import { LacunaContext } from './context';
import { activateEdits } from './edits/edits';
import { reportEdits, type EditReport } from './edits/report';
import { activateExplanation } from './explanation';
import { activateDiagnostics } from './help/diagnostics';
import { activateFirstRun } from './help/firstRun';
import { activatePages } from './help/pages';
import { activateSelfTest } from './help/selfTest';
import { activateInlineCompletion } from './inlineCompletion';
import { useTranslation } from './l10n';
import { activateLanguageStatus } from './languageStatus';
import { activateMenu } from './menu';
import { activateLiveView } from './liveView/liveView';
import { activateModels } from './models/models';
import { activatePanel } from './panel/panel';
import type { RequestRecord } from './requestLog';
import { activateRepair } from './repair/repair';
import { activateSampler } from './sampler';
import { activateServer } from './server/server';
import { activateStatistics } from './statistics/statistics';
import { activateStatusBar } from './statusBar';

/** What other extensions, and our own tests and bench, get from `activate`. */
export interface LacunaApi {
  readonly status: SamplerStatus;
  /** Process id of the sampler process while one runs. */
  readonly samplerPid: number | undefined;
  /** The last request for ghost text, with the time that each part of it took. */
  readonly lastRequest: RequestRecord | undefined;
  /** Calls `listener` when a request for ghost text has been answered. */
  onRequest(listener: (record: RequestRecord) => void): vscode.Disposable;
  /** Completions accepted since the start. */
  readonly acceptedCount: number;
  /** Fills of next lines that were made before somebody asked for them. */
  readonly madeAheadCount: number;
  /** Text of the status bar item. */
  readonly statusText: string;
  /** The latest proposal for a selection or for gaps. */
  readonly edits: EditReport;
}

let context: LacunaContext | undefined;

export function activate(extension: vscode.ExtensionContext): LacunaApi {
  useTranslation((text, ...values) => vscode.l10n.t(text, ...values));
  const lacuna = new LacunaContext(extension);
  context = lacuna;
  activateExplanation(lacuna);
  activateAutomaticMode(lacuna);
  activateModels(lacuna);
  const statusBar = activateStatusBar(lacuna);
  const edits = activateEdits(lacuna);
  const { sessions, source } = edits;
  const confidence = activateConfidence(lacuna, edits);
  const repair = activateRepair(lacuna, sessions);
  const panel = activatePanel(lacuna, edits);
  const liveView = activateLiveView(lacuna, source);
  activateMenu(lacuna, () => sessions.current);
  activateInlineCompletion(lacuna, (document) => sessions.isUpIn(document));
  activateSampler(lacuna);
  activateServer(lacuna);
  activateLanguageStatus(lacuna);
  activatePages(lacuna);
  const statistics = activateStatistics(lacuna, sessions, confidence.filled);
  activateSelfTest(lacuna, source);
  activateDiagnostics(lacuna, statistics);
  activateFirstRun(lacuna, sessions);
  const chat = activateChat(lacuna, source, panel.source);
  const api: LacunaApi = {
    get status() {
      return lacuna.client.status;
    },
    get samplerPid() {
      return lacuna.client.pid;
    },
    get lastRequest() {
      return lacuna.requests.last;
    },
    get acceptedCount() {
      return lacuna.requests.accepted;
    },
    get madeAheadCount() {
      return lacuna.requests.madeAhead;
    },
    get statusText() {
      return statusBar.text;
    },
    get edits() {
      return reportEdits(sessions);
    },
    onRequest: (listener) => lacuna.requests.onRecord(listener),
  };
  const isTested = extension.extensionMode === vscode.ExtensionMode.Test;
  const { battery } = lacuna;
  const edited = { fillSource: source, confidence, repair, liveView, panel };
  const seams = { ...edited, statistics, battery, chat };
  return isTested ? Object.assign(api, seams) : api;
}

/** VS Code waits for the promise, so that no sampler process outlives the window. */
export async function deactivate(): Promise<void> {
  await context?.dispose();
  context = undefined;
}
