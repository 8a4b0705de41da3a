/**
 * The live view's table of contents: one command that opens the panel on the last run. What a run is
 * and how it is kept is runRecorder.ts, what is shown of it runView.ts.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import type { FillSource } from '../edits/fillSource';
import { LiveViewPanel } from './liveViewPanel';
import { RunActions } from './runActions';

/** What the tests look at. */
export interface LiveView {
  readonly panel: LiveViewPanel;
  readonly actions: RunActions;
}

export function activateLiveView(context: LacunaContext, source: FillSource): LiveView {
  const actions = context.own(new RunActions(context, source));
  const panel = context.own(new LiveViewPanel(context, actions));
  context.own(vscode.commands.registerCommand('lacuna.showLiveView', () => panel.show()));
  return { panel, actions };
}
