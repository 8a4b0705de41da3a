/**
 * Entry of the extension: builds the context and lets each feature, one file each, hook itself in.
 * A table of contents; nothing is decided here.
 */
import * as vscode from 'vscode';
import type { SamplerStatus } from '../client/samplerClient';
import { activateAutomaticMode } from './automaticMode';
import { activateConfidence } from './confidence/confidence';
import { LacunaContext } from './context';
import { activateEdits } from './edits/edits';
import { reportEdits, type EditReport } from './edits/report';
import { activateExplanation } from './explanation';
import { activateInlineCompletion } from './inlineCompletion';
import { activateMenu } from './menu';
import { activatePanel } from './panel/panel';
import { activateModelFolder } from './modelFolder';
import type { RequestRecord } from './requestLog';
import { activateRepair } from './repair/repair';
import { activateSampler } from './sampler';
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
  /** Text of the status bar item. */
  readonly statusText: string;
  /** The latest proposal for a selection or for gaps. */
  readonly edits: EditReport;
}

let context: LacunaContext | undefined;

export function activate(extension: vscode.ExtensionContext): LacunaApi {
  const lacuna = new LacunaContext(extension);
  context = lacuna;
  activateExplanation(lacuna);
  activateAutomaticMode(lacuna);
  activateModelFolder(lacuna);
  const statusBar = activateStatusBar(lacuna);
  const edits = activateEdits(lacuna);
  const { sessions, source } = edits;
  const confidence = activateConfidence(lacuna, edits);
  const repair = activateRepair(lacuna, sessions);
  const panel = activatePanel(lacuna, edits);
  activateMenu(lacuna, () => sessions.current);
  activateInlineCompletion(lacuna, (document) => sessions.isUpIn(document));
  activateSampler(lacuna);
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
    get statusText() {
      return statusBar.text;
    },
    get edits() {
      return reportEdits(sessions);
    },
    onRequest: (listener) => lacuna.requests.onRecord(listener),
  };
  const isTested = extension.extensionMode === vscode.ExtensionMode.Test;
  return isTested ? Object.assign(api, { fillSource: source, confidence, repair, panel }) : api;
}

/** VS Code waits for the promise, so that no sampler process outlives the window. */
export async function deactivate(): Promise<void> {
  await context?.dispose();
  context = undefined;
}
