/**
 * What the user has locked, by document: ranges that the next regenerate leaves as they are. They
 * move with the text and grow with what is typed into them; they are drawn with a border and forgotten
 * when the document is closed. The default locks are not kept here: locks.ts finds them anew each time.
 */
import * as vscode from 'vscode';
import type { TextRange } from '../../protocol/messages';
import { changesOf, rangeOf } from './documents';
import { stretched } from './trackedRanges';

export class LockStore {
  readonly #locks = new Map<string, readonly TextRange[]>();
  readonly #look: vscode.TextEditorDecorationType;
  readonly #listeners: vscode.Disposable[];

  constructor() {
    const color = new vscode.ThemeColor('lacuna.lockBorder');
    this.#look = vscode.window.createTextEditorDecorationType({
      border: '1px dashed',
      borderColor: color,
      overviewRulerColor: color,
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
    });
    this.#listeners = [
      this.#look,
      vscode.window.onDidChangeVisibleTextEditors(() => this.#draw()),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#locks.delete(uri.toString())),
      vscode.workspace.onDidChangeTextDocument((event) => {
        const kept = this.of(event.document);
        if (kept.length === 0) return;
        const changes = changesOf(event);
        this.#set(
          event.document,
          kept.flatMap((range) => stretched(range, changes) ?? []),
        );
      }),
    ];
  }

  of({ uri }: vscode.TextDocument): readonly TextRange[] {
    return this.#locks.get(uri.toString()) ?? [];
  }

  add(document: vscode.TextDocument, ranges: readonly TextRange[]): void {
    this.#set(document, [...this.of(document), ...ranges]);
  }

  clear(): void {
    this.#locks.clear();
    this.#draw();
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }

  #set(document: vscode.TextDocument, ranges: readonly TextRange[]): void {
    this.#locks.set(document.uri.toString(), ranges);
    this.#draw();
  }

  #draw(): void {
    const hoverMessage = vscode.l10n.t('Locked: the next regenerate leaves this as it is');
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const drawn = this.of(document).map((range) => ({
        range: rangeOf(document, range),
        hoverMessage,
      }));
      editor.setDecorations(this.#look, drawn);
    }
  }
}
