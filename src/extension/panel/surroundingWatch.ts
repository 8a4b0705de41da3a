/**
 * Tells the page what could go along with the next question, and keeps telling while the editor changes:
 * only as long as the page can be seen, and not at every key. Knows no conversation.
 */
import * as vscode from 'vscode';
import { chipKinds, type Chip, type ToPanel } from '../../protocol/panelMessages';
import type { PanelSource } from './panelSource';
import { readSurrounding, type Surrounding } from './surroundingItems';

const settleMs = 200;

export class SurroundingWatch {
  readonly #source: PanelSource;
  readonly #post: (message: ToPanel) => void;
  readonly #listeners: vscode.Disposable[];
  #isActive = false;
  #timer: NodeJS.Timeout | undefined;
  /** Of the last telling; an older answer must not come after it. */
  #round = 0;
  readonly #counts = new Map<string, number>();
  #countedBy = '';

  constructor(source: PanelSource, post: (message: ToPanel) => void) {
    this.#source = source;
    this.#post = post;
    const { window, workspace, languages } = vscode;
    const soon = () => this.#tellSoon();
    this.#listeners = [
      window.onDidChangeActiveTextEditor(soon),
      window.onDidChangeTextEditorSelection(soon),
      languages.onDidChangeDiagnostics(soon),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (document === window.activeTextEditor?.document) soon();
      }),
    ];
  }

  setActive(isActive: boolean): void {
    this.#isActive = isActive;
    if (!isActive) clearTimeout(this.#timer);
  }

  tell(): void {
    const round = ++this.#round;
    void (async () => {
      const surrounding = await readSurrounding();
      if (round !== this.#round) return;
      const place = surrounding?.place ?? '';
      this.#post({ type: 'context', chips: this.#chips(surrounding), place });
      await this.#count(surrounding);
      if (round === this.#round)
        this.#post({ type: 'context', chips: this.#chips(surrounding), place });
    })().catch(() => {}); // without a model nothing is counted, and the chips say so by having no count
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#round++;
    for (const listener of this.#listeners) listener.dispose();
  }

  #tellSoon(): void {
    if (!this.#isActive) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.tell(), settleMs);
  }

  #chips(surrounding: Surrounding | undefined): Chip[] {
    return chipKinds.map((kind): Chip => {
      const item = surrounding?.items.find((one) => one.kind === kind);
      if (!item) {
        const missing = surrounding?.missing[kind] ?? vscode.l10n.t('no editor is open');
        return { kind, label: '', missing };
      }
      const tokens = this.#counts.get(item.text);
      return { kind, label: item.label, ...(tokens !== undefined && { tokens }) };
    });
  }

  /** What has not changed is not counted again. */
  async #count(surrounding: Surrounding | undefined): Promise<void> {
    const model = this.#source.model?.dir ?? '';
    if (model !== this.#countedBy) this.#counts.clear();
    this.#countedBy = model;
    const texts = (surrounding?.items ?? []).map(({ text }) => text);
    const fresh = texts.filter((text) => !this.#counts.has(text));
    if (fresh.length > 0 && model !== '') {
      const { counts } = await this.#source.count(fresh);
      fresh.forEach((text, index) => this.#counts.set(text, counts[index]!));
    }
    for (const text of this.#counts.keys()) if (!texts.includes(text)) this.#counts.delete(text);
  }
}
