/**
 * The live view's panel beside the editor: opens it, tells the page what the recorder keeps, hears what
 * the page asks for. A hidden page is gone and says `ready` when it is back, so everything it shows is
 * sent again then. Knows no fill and no file; runActions.ts does.
 */
import * as vscode from 'vscode';
import { readFromView, type FromView, type ToView } from '../../protocol/liveView';
import { liveViewWords } from '../../protocol/liveViewWords';
import type { LacunaContext } from '../context';
import { messageOf } from '../l10n';
import { bundleOptions, bundlePage } from '../webview/bundle';
import type { RunActions } from './runActions';
import type { RecordedStep, Run, RunRecorder } from './runRecorder';
import { runHead, runView, stepView } from './runView';

export class LiveViewPanel {
  readonly #context: LacunaContext;
  readonly #actions: RunActions;
  readonly #runs: RunRecorder;
  readonly #listener: { dispose(): void };
  readonly #posted = new vscode.EventEmitter<ToView>();
  /** What the page was told. */
  readonly onPost = this.#posted.event;
  #panel: vscode.WebviewPanel | undefined;
  #isReady = false;
  #shownId: number | undefined;

  constructor(context: LacunaContext, actions: RunActions) {
    this.#context = context;
    this.#actions = actions;
    this.#runs = context.runs;
    this.#listener = this.#runs.onChange((run, step) => this.#follow(run, step));
  }

  get isOpen(): boolean {
    return this.#panel !== undefined;
  }
  get isVisible(): boolean {
    return this.#panel?.visible === true;
  }

  show(): void {
    if (this.#panel) return this.#panel.reveal();
    const panel = vscode.window.createWebviewPanel(
      'lacuna.liveView',
      vscode.l10n.t('Lacuna Live View'),
      vscode.ViewColumn.Beside,
      bundleOptions(this.#context.extension),
    );
    this.#panel = panel;
    panel.webview.onDidReceiveMessage((message: unknown) => {
      const known = readFromView(message);
      if (known) void this.receive(known);
      else this.#context.log.debug('live view: a message of no known kind was ignored');
    });
    panel.onDidChangeViewState(() => this.#look());
    panel.onDidDispose(() => this.#closed());
    const { extension } = this.#context;
    const name = vscode.l10n.t('Lacuna Live View');
    panel.webview.html = bundlePage(panel.webview, extension, 'liveView', name, liveViewWords);
    this.#look();
  }

  /** What the page asks for; where that fails, the page says why. */
  async receive(message: FromView): Promise<void> {
    try {
      await this.#answer(message);
    } catch (thrown) {
      this.#say(messageOf(thrown));
    }
  }

  async #answer(message: FromView): Promise<void> {
    if (message.type === 'ready') return this.#begin();
    const run = this.#runs.byId(message.id);
    if (!run) return this.#say(vscode.l10n.t('That run is no longer kept'));
    switch (message.type) {
      case 'resume':
        return this.#say(await this.#actions.resume(run, message));
      case 'export':
        return this.#say(await this.#actions.export(run));
      case 'copy':
        return this.#say(await this.#actions.copy(run));
      case 'offer':
        return this.#say(this.#actions.offer(run));
      case 'stop':
        return this.#actions.stop();
    }
  }

  dispose(): void {
    this.#listener.dispose();
    this.#panel?.dispose();
    this.#posted.dispose();
  }

  #closed(): void {
    this.#panel = undefined;
    this.#look();
    this.#actions.dispose();
  }

  /** Steps cost something; they are asked for while somebody looks. */
  #look(): void {
    this.#runs.wantsSteps = this.isVisible;
    if (!this.isVisible) this.#isReady = false;
  }

  #begin(): void {
    this.#isReady = true;
    const { shown } = this.#runs;
    if (shown) this.#open(shown);
    else this.#post({ type: 'empty' });
  }

  #follow(run: Run, step: RecordedStep | undefined): void {
    if (!this.#isReady) return;
    if (run.id !== this.#shownId) {
      if (run.state === 'running') this.#open(run);
    } else if (step) {
      const view = stepView(run.steps, run.steps.length - 1);
      this.#post({ type: 'step', id: run.id, step: view });
    } else {
      const head = runHead(run, this.#actions.canStop(run));
      this.#post({ type: 'head', head, steps: run.steps.length });
      this.#fetchSteps(run);
    }
  }

  #open(run: Run): void {
    this.#shownId = run.id;
    this.#post({ type: 'run', run: runView(run, this.#actions.canStop(run)) });
    this.#fetchSteps(run);
  }

  #fetchSteps(run: Run): void {
    const lacksSteps = run.steps.length === 0 && run.detail === '';
    if (run.state === 'done' && lacksSteps) void this.#actions.repeat(run);
  }

  #say(text: string): void {
    if (text !== '') this.#post({ type: 'said', text });
  }

  #post(message: ToView): void {
    if (!this.#isReady) return;
    void this.#panel?.webview.postMessage(message);
    this.#posted.fire(message);
  }
}
