/**
 * The heat map that a window shows at a time: scored tokens of one document, drawn in every editor that
 * shows it, until the document is edited or closed or the map is hidden. Knows neither the model nor
 * how the tokens came about.
 */
import * as vscode from 'vscode';
import { plainEditorsOf, rangeOf } from '../edits/documents';
import { bucketOf, buckets } from './buckets';
import { bucketDecorations } from './heatMapLook';
import type { PlacedToken } from './scoredText';

export interface ShownMap {
  /** No two maps have the same: a link of an old hover must not act on a new map. */
  readonly id: number;
  readonly document: vscode.TextDocument;
  readonly tokens: readonly PlacedToken[];
}

const shownKey = 'lacuna.confidenceShown';

export class HeatMap {
  readonly #looks = bucketDecorations();
  readonly #listeners: vscode.Disposable[];
  #shown: ShownMap | undefined;
  #id = 0;

  constructor() {
    const { window, workspace } = vscode;
    const hideIn = (document: vscode.TextDocument) => {
      if (document === this.#shown?.document) this.hide();
    };
    this.#listeners = [
      ...this.#looks,
      window.onDidChangeVisibleTextEditors(() => this.#draw()),
      window.onDidChangeActiveTextEditor(() => this.#setKey()),
      workspace.onDidCloseTextDocument(hideIn),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) hideIn(document);
      }),
    ];
  }

  get shown(): ShownMap | undefined {
    return this.#shown;
  }

  show(document: vscode.TextDocument, tokens: readonly PlacedToken[]): void {
    this.hide();
    this.#shown = { id: ++this.#id, document, tokens };
    this.#draw();
    this.#setKey();
  }

  hide(): void {
    if (!this.#shown) return;
    this.#shown = undefined;
    this.#draw();
    this.#setKey();
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }

  #draw(): void {
    const drawn = this.#shown ? plainEditorsOf(this.#shown.document) : [];
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const tokens = drawn.includes(editor) ? this.#shown!.tokens : [];
      for (const bucket of buckets) {
        const own = tokens.filter(({ probability }) => bucketOf(probability) === bucket);
        editor.setDecorations(
          this.#looks[bucket]!,
          own.map((token) => rangeOf(document, token)),
        );
      }
    }
  }

  /** Only where the map is in view: elsewhere the keys keep their own meaning. */
  #setKey(): void {
    const document = vscode.window.activeTextEditor?.document;
    const isInView = document !== undefined && document === this.#shown?.document;
    void vscode.commands.executeCommand('setContext', shownKey, isInView);
  }
}
