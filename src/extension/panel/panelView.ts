/**
 * The panel's page in VS Code's side bar: its files, its policy, what it posts and gets. VS Code throws the
 * page away when it is hidden; the next one asks for everything again. Knows no conversation.
 */
import * as vscode from 'vscode';
import { readFromPanel } from '../../protocol/panelGuards';
import type { FromPanel, ToPanel } from '../../protocol/panelMessages';
import { webviewHtml } from '../webview/html';

export const panelViewId = 'lacuna.panel';

export interface PanelViewOptions {
  readonly extensionUri: vscode.Uri;
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
    const { extensionUri, onVisible } = this.#options;
    const files = vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
    view.webview.options = { enableScripts: true, localResourceRoots: [files] };
    view.webview.onDidReceiveMessage((message) => this.receive(message));
    view.onDidChangeVisibility(() => onVisible(view.visible));
    view.onDidDispose(() => {
      if (this.#view === view) this.#view = undefined;
      onVisible(false);
    });
    const uriOf = (name: string) =>
      view.webview.asWebviewUri(vscode.Uri.joinPath(files, name)).toString();
    view.webview.html = webviewHtml({
      cspSource: view.webview.cspSource,
      scriptUri: uriOf('panel.js'),
      styleUri: uriOf('panel.css'),
      title: 'Lacuna',
      language: vscode.env.language,
    });
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
