/**
 * One look at some text of a document: checks what may be looked at, shows progress that can be
 * cancelled, and gives up when the text changes meanwhile. Only the newest look of its owner runs.
 * Draws nothing; what the scores are good for is its callers' business.
 */
import * as vscode from 'vscode';
import { isAbort } from '../../protocol/errors';
import type { TextRange } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import { documentSource } from '../documentSource';
import { rangeOf } from '../edits/documents';
import { checkDocument } from '../edits/guard';
import { nothingToDo } from '../edits/refusals';
import { checkSize, placeTokens, rangesToScore, scoreParts, type PlacedToken } from './scoredText';
import type { ScoreSource } from './scoreSource';
import { messageOf, t } from '../l10n';

export interface Look {
  readonly document: vscode.TextDocument;
  readonly ranges: readonly TextRange[];
  /** For messages: `Cannot scan the selection`. */
  readonly doing: string;
  /** Above the progress. */
  readonly title: string;
  /** Nobody asked for it: no progress is shown but a spinner, and an error goes to the log only. */
  readonly isAutomatic?: boolean;
}
const sayMs = 6000;

export class Scorer {
  readonly #context: LacunaContext;
  readonly #source: ScoreSource;
  #running: AbortController | undefined;
  #detail = '';

  constructor(context: LacunaContext, source: ScoreSource) {
    this.#context = context;
    this.#source = source;
  }

  /** What was last said of a look; for people. */
  get detail(): string {
    return this.#detail;
  }

  /** Undefined: refused, failed, or given up; the user has been told. */
  async look(look: Look): Promise<PlacedToken[] | undefined> {
    this.cancel();
    this.#detail = '';
    const abort = new AbortController();
    this.#running = abort;
    const { document } = look;
    const changed = vscode.workspace.onDidChangeTextDocument((event) => {
      if (event.document !== document || event.contentChanges.length === 0) return;
      abort.abort();
      this.say(vscode.l10n.t('the text was edited while the model looked at it'));
    });
    try {
      const lines = look.ranges.reduce((sum, range) => sum + lineCount(document, range), 0);
      checkSize(look.ranges, lines, look.doing);
      await checkDocument(document, look.doing);
      abort.signal.throwIfAborted();
      const tokens = await this.#score(look, abort);
      return document.isClosed ? undefined : tokens;
    } catch (thrown) {
      if (!isAbort(thrown) && !abort.signal.aborted) this.refuse(thrown, look.isAutomatic);
      return undefined;
    } finally {
      changed.dispose();
      if (this.#running === abort) this.#running = undefined;
    }
  }

  cancel(): void {
    this.#running?.abort();
  }

  /** Quietly, in the status bar. */
  say(text: string): void {
    this.#detail = text;
    void vscode.window.setStatusBarMessage(`$(info) Lacuna: ${text}`, sayMs);
  }

  /** A command that cannot do what it was asked for; its user waits for an answer. */
  refuse(thrown: unknown, isAutomatic = false): void {
    this.#detail = messageOf(thrown);
    this.#context.log.warn(this.#detail);
    // Not awaited: a command that waits for its own dialog would seem to hang to its caller.
    if (!isAutomatic) void vscode.window.showWarningMessage(this.#detail).then(undefined, () => {});
  }

  async #score(
    { document, ranges: selected, doing, title, isAutomatic }: Look,
    abort: AbortController,
  ): Promise<PlacedToken[]> {
    const source = documentSource(document);
    const ranges = rangesToScore(source, selected);
    if (ranges.length === 0) {
      throw nothingToDo(doing, t('there is nothing but white space'), t('Select some code'));
    }
    const params = { parts: scoreParts(source, ranges), languageId: document.languageId };
    const { ProgressLocation } = vscode;
    const location = isAutomatic ? ProgressLocation.Window : ProgressLocation.Notification;
    return vscode.window.withProgress(
      { location, title, cancellable: !isAutomatic },
      async (progress, token) => {
        token.onCancellationRequested(() => abort.abort());
        let shown = 0; // percent
        const { tokens } = await this.#source.score(params, doing, {
          signal: abort.signal,
          onProgress: ({ fraction }) => {
            progress.report({ increment: fraction * 100 - shown });
            shown = fraction * 100;
          },
        });
        abort.signal.throwIfAborted();
        return placeTokens(source, ranges, tokens);
      },
    );
  }
}

function lineCount(document: vscode.TextDocument, range: TextRange): number {
  const { start, end } = rangeOf(document, range);
  return end.line - start.line + (end.character > 0 || end.line === start.line ? 1 : 0);
}
