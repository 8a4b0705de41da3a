/**
 * The panel's page in VS Code's side bar: its files, its policy, what it posts and gets. VS Code throws the
 * page away when it is hidden; the next one asks for everything again. Knows no conversation.
 */
import * as vscode from 'vscode';
import { readFromPanel } from '../../protocol/panelGuards';
import type { FromPanel, ToPanel } from '../../protocol/panelMessages';
import { bundleOptions, bundlePage } from '../webview/bundle';

export const panelViewId = 'lacuna.panel';

export interface PanelViewOptions {
  readonly extension: vscode.ExtensionContext;
  readonly onMessage: (message: FromPanel) => void;
  /** It can be seen, or no more. */
  readonly onVisible: (isVisible: boolean) => void;
  readonly warn: (text: string) => void;
}

export class PanelView implements vscode.WebviewViewProvider {
  readonly #options: PanelViewOptions;
  #view: vscode.WebviewView | undefined;

  constructor(options: PanelViewOptions) {
    this.#options = options;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.#view = view;
    const { extension, onVisible } = this.#options;
    view.webview.options = bundleOptions(extension);
    view.webview.onDidReceiveMessage((message) => this.receive(message));
    view.onDidChangeVisibility(() => onVisible(view.visible));
    view.onDidDispose(() => {
      if (this.#view === view) this.#view = undefined;
      onVisible(false);
    });
    view.webview.html = bundlePage(view.webview, extension, 'panel', 'Lacuna');
    onVisible(view.visible);
  }

  /** What is posted while no page is there is not lost: the next one asks for everything. */
  post(message: ToPanel): void {
    void this.#view?.webview.postMessage(message);
  }

  /** What a page says; anything else is left alone. */
  receive(value: unknown): void {
    const message = readFromPanel(value);
    if (message) this.#options.onMessage(message);
    else this.#options.warn('The panel sent a message that is none of its own; it was ignored');
  }
}
