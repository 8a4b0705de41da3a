/**
 * The diff of a document and what it would be, for fills that do not fit on a line: opened by itself
 * when a proposal has several lines, or by command, and closed with the session. Its right side is a
 * virtual document, so no file is written; while a fill is denoised, the masks are seen there too.
 */
import * as vscode from 'vscode';
import { opensDiff } from '../settings';
import type { EditSession } from './editSession';
import type { EditSessions } from './editSessions';
import { baseName, isPreviewOf, previewScheme, previewUriOf } from './previewUri';

/** The right side is sent as a whole at every change. */
const refreshMs = 100;

export class PreviewDiff {
  readonly #sessions: EditSessions;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #listeners: vscode.Disposable[];
  /** Has opened its diff by itself; once is enough. */
  #opened: EditSession | undefined;
  #shown: EditSession | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(sessions: EditSessions) {
    this.#sessions = sessions;
    this.#listeners = [
      this.#changed,
      sessions.onChange(() => this.#follow()),
      vscode.workspace.registerTextDocumentContentProvider(previewScheme, {
        onDidChange: this.#changed.event,
        provideTextDocumentContent: (uri) => this.#text(uri),
      }),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const listener of this.#listeners) listener.dispose();
  }

  /** Opens the diff of the document in view, else of the first that has an open target. */
  async show(): Promise<void> {
    const session = this.#sessions.current;
    if (!session) return;
    const active = vscode.window.activeTextEditor?.document;
    const documents = session.targets.documents.filter(
      (document) => session.targets.openIn(document).length > 0,
    );
    const document = documents.find((candidate) => candidate === active) ?? documents[0];
    if (!document) return;
    this.#shown = session;
    const title = vscode.l10n.t('{0} (Lacuna’s proposal)', baseName(document.uri));
    const preview = previewUriOf(document);
    // Not as a preview tab: that would take the place of the document's own, if it is one.
    const options: vscode.TextDocumentShowOptions = { preview: false };
    await vscode.commands.executeCommand('vscode.diff', document.uri, preview, title, options);
    if (this.#sessions.current !== session) {
      this.#shown = session; // it ended while the diff was being opened
      return this.#close();
    }
    const right = vscode.workspace.textDocuments.find(({ uri }) => isPreviewOf(uri, document));
    if (right && right.languageId !== document.languageId) {
      await vscode.languages.setTextDocumentLanguage(right, document.languageId);
    }
  }

  #follow(): void {
    const session = this.#sessions.current;
    if (!session) return void this.#close();
    this.#timer ??= setTimeout(() => this.#refresh(), refreshMs);
    if (session.state !== 'ready' || this.#opened === session || !opensDiff()) return;
    const isLong = session.view.hunks.some(({ text }) => text?.includes('\n'));
    const active = vscode.window.activeTextEditor?.document;
    const isInView = active !== undefined && this.#sessions.isUpIn(active);
    if (!isLong || !isInView) return;
    this.#opened = session;
    void this.show();
  }

  #refresh(): void {
    this.#timer = undefined;
    for (const document of this.#sessions.current?.targets.documents ?? []) {
      this.#changed.fire(previewUriOf(document));
    }
  }

  #text(uri: vscode.Uri): string {
    const session = this.#sessions.current;
    const document = session?.targets.documents.find((candidate) => isPreviewOf(uri, candidate));
    return document ? session!.view.previewText(document) : '';
  }

  async #close(): Promise<void> {
    if (!this.#shown) return;
    this.#shown = undefined;
    const tabs = vscode.window.tabGroups.all
      .flatMap((group) => group.tabs)
      .filter(({ input }) => {
        return input instanceof vscode.TabInputTextDiff && input.modified.scheme === previewScheme;
      });
    await vscode.window.tabGroups.close(tabs);
  }
}
