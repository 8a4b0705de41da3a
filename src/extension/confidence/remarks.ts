/**
 * The remarks of the last surprise scan, as diagnostics: shown, moved along with the text, gone when
 * their line is edited, their document is closed or they are cleared. Knows no model; which remarks there
 * are is found elsewhere.
 */
import * as vscode from 'vscode';
import { rangeOf } from '../edits/documents';
import { percent } from './buckets';
import { shown as visible } from './hoverText';
import { afterChanges, editedLines, type LineChange, type Lined } from './scanList';
import type { Surprise, SurprisingToken } from './surprises';

export const remarkSource = 'Lacuna';

interface Remark extends Lined {
  readonly surprise: Surprise;
}

export class Remarks {
  readonly #collection = vscode.languages.createDiagnosticCollection('lacuna');
  readonly #all = new Map<vscode.TextDocument, readonly Remark[]>();
  readonly #listeners: vscode.Disposable[];

  constructor() {
    const { workspace } = vscode;
    this.#listeners = [
      this.#collection,
      workspace.onDidCloseTextDocument((document) => {
        // A change of language is told as closing and opening too.
        if (!workspace.textDocuments.includes(document)) this.set(document, []);
      }),
      workspace.onDidChangeTextDocument((event) => {
        const remarks = this.#all.get(event.document);
        if (!remarks || event.contentChanges.length === 0) return;
        const left = afterChanges(remarks, event.contentChanges.map(lineChange));
        this.#keep(event.document, left);
      }),
    ];
  }

  /** Takes the place of what was said of the document before. */
  set(document: vscode.TextDocument, surprises: readonly Surprise[]): void {
    this.#keep(
      document,
      surprises.map((surprise) => {
        const { start, end } = surprise;
        return { surprise, range: { start, end }, firstLine: 0, lastLine: 0 };
      }),
    );
  }

  clear(): void {
    this.#all.clear();
    this.#collection.clear();
    this.#setKey();
  }

  /** Tokens with a remark that the range touches, where they are now. */
  tokensIn(document: vscode.TextDocument, range: vscode.Range): SurprisingToken[] {
    const remarks = this.#all.get(document) ?? [];
    return remarks.flatMap(({ surprise, range: { start } }) => {
      const by = start - surprise.start;
      const tokens = surprise.tokens.map((token) => ({
        ...token,
        start: token.start + by,
        end: token.end + by,
      }));
      return tokens.filter((token) => rangeOf(document, token).intersection(range) !== undefined);
    });
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }

  #keep(document: vscode.TextDocument, remarks: readonly Remark[]): void {
    const placed = remarks.map((remark) => {
      const { start, end } = rangeOf(document, remark.range);
      return { ...remark, firstLine: start.line, lastLine: end.line };
    });
    if (placed.length === 0) this.#all.delete(document);
    else this.#all.set(document, placed);
    const diagnostics = placed.map((remark) => diagnosticOf(document, remark));
    this.#collection.set(document.uri, diagnostics);
    this.#setKey();
  }

  #setKey(): void {
    void vscode.commands.executeCommand('setContext', 'lacuna.scanShown', this.#all.size > 0);
  }
}

function diagnosticOf(
  document: vscode.TextDocument,
  { surprise, range }: Remark,
): vscode.Diagnostic {
  const { tokens } = surprise;
  const message = vscode.l10n.t(
    'unlikely here: model gives {0}, expected {1}',
    tokens.map(({ probability }) => percent(probability)).join(', '),
    tokens.map(({ expected }) => `${visible(expected.text)} (${percent(expected.probability)})`).join(', '), // prettier-ignore
  );
  // The blank that a token begins with is no part of what is unlikely about it.
  const blanks = tokens[0]!.text.length - tokens[0]!.text.trimStart().length;
  const shown = rangeOf(document, { start: range.start + blanks, end: range.end });
  const severity = vscode.DiagnosticSeverity.Information;
  const diagnostic = new vscode.Diagnostic(shown, message, severity);
  diagnostic.source = remarkSource;
  return diagnostic;
}

function lineChange({
  range,
  rangeOffset,
  rangeLength,
  text,
}: vscode.TextDocumentContentChangeEvent): LineChange {
  return { offset: rangeOffset, length: rangeLength, text, ...editedLines(range, text) };
}
