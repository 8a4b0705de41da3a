/**
 * Where the last accepted fill stands: what the document's last change brought when ghost text or a
 * proposal was accepted. Follows later edits. Both ways of accepting tell only that it was done, after
 * the document has changed; so the change is remembered, and nothing of its text.
 */
import * as vscode from 'vscode';
import type { TextRange } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import { changesOf } from '../edits/documents';
import type { EditSessions } from '../edits/editSessions';
import type { Target } from '../edits/target';
import { stretched } from '../edits/trackedRanges';
import { writtenRanges } from './writtenRanges';

interface Filled {
  readonly document: vscode.TextDocument;
  readonly ranges: readonly TextRange[];
}

/** There is a fill to show; for the context menu. */
const filledKey = 'lacuna.filled';

export class FilledText {
  readonly #accepted = new vscode.EventEmitter<void>();
  /** After a fill was accepted. */
  readonly onAccept = this.#accepted.event;
  #last: Filled | undefined;
  /** By the last change of each document. */
  readonly #written = new WeakMap<vscode.TextDocument, TextRange[]>();
  #settled = 0;

  constructor(context: LacunaContext, sessions: EditSessions) {
    context.own(this.#accepted);
    context.own(
      vscode.workspace.onDidChangeTextDocument((event) => {
        const { document } = event;
        const changes = changesOf(event);
        if (changes.length === 0) return;
        this.#written.set(document, writtenRanges(changes));
        if (document !== this.#last?.document) return;
        const ranges = this.#last.ranges.flatMap((range) => stretched(range, changes) ?? []);
        this.#last = { document, ranges };
      }),
    );
    context.own(
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document === this.#last?.document) this.#last = undefined;
      }),
    );
    context.own(context.requests.onAccept(() => this.#remember(inView())));
    context.own(
      sessions.onChange(() => {
        const { all = [], documents = [] } = sessions.last?.targets ?? {};
        const settled = all.reduce((sum, target) => sum + acceptedParts(target), 0);
        const isMore = settled > this.#settled;
        this.#settled = settled;
        const active = inView();
        const isIn = active !== undefined && documents.includes(active);
        if (isMore) this.#remember(isIn ? active : documents[0]);
      }),
    );
  }

  /** In this document, if the last fill was there. */
  in(document: vscode.TextDocument): readonly TextRange[] {
    return this.#last?.document === document ? this.#last.ranges : [];
  }

  get document(): vscode.TextDocument | undefined {
    return this.#last?.document;
  }

  /** Of several documents that were filled at once, the one in view. */
  #remember(document: vscode.TextDocument | undefined): void {
    if (!document) return;
    const ranges = this.#written.get(document) ?? [];
    if (ranges.length === 0) return;
    this.#last = { document, ranges };
    void vscode.commands.executeCommand('setContext', filledKey, true);
    this.#accepted.fire();
  }
}

/** Grows with everything that is written of it. */
function acceptedParts({ status, accepted }: Target): number {
  return accepted?.length ?? (status === 'accepted' ? 1 : 0);
}

function inView(): vscode.TextDocument | undefined {
  return vscode.window.activeTextEditor?.document;
}
