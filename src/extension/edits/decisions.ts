/**
 * What is decided about a proposal: hunks are accepted or rejected, and the text that they stand for is
 * watched. The one place that writes a proposal into documents is here, `accept`. Knows no request.
 */
import * as vscode from 'vscode';
import { applyReplacements } from './applyEdit';
import { partsOf, rangesOf, type Hunk } from './hunks';
import type { ProposalView } from './proposalView';
import type { Review } from './review';
import type { SessionEnd } from './sessionSpec';
import type { Target } from './target';
import type { Replacing, TargetList } from './targetList';
import type { TextChange } from './trackedRanges';

export interface Decided {
  readonly targets: TargetList;
  readonly view: ProposalView;
  readonly review: Review;
}
/** The session, as far as a decision changes it. */
export interface DecidedSession {
  isUp(): boolean;
  say(text: string): void;
  changed(): void;
  end(state: SessionEnd, detail?: string): void;
}

export class Decisions {
  readonly #parts: Decided;
  readonly #session: DecidedSession;
  /** What an edit of ours is replacing right now. */
  #replacing: Replacing | undefined;

  constructor(parts: Decided, session: DecidedSession) {
    this.#parts = parts;
    this.#session = session;
  }

  /** Writes these hunks, all that a document gets as one undo step; the others stay to be decided. */
  async accept(hunks: readonly Hunk[]): Promise<void> {
    const { targets } = this.#parts;
    const session = this.#session;
    if (this.#replacing) return;
    const filled = hunks.filter(({ text }) => text !== undefined);
    if (filled.length === 0) return session.say(vscode.l10n.t('There is no fill to accept'));
    if (!this.#checkOriginals(filled.map(({ target }) => target))) return;
    this.#replacing = rangesOf(filled);
    const isDone = await write(filled, targets);
    this.#replacing = undefined;
    if (!session.isUp()) return;
    if (isDone) this.#settle(filled, 'accepted');
    else this.#refused();
    // A fill that is of no use is not offered any longer than the others.
    const useless = hunks.filter(({ text }) => text === undefined);
    if (isDone && useless.length > 0) this.#settle(useless, 'rejected');
    this.#checkOriginals(targets.open);
  }

  /** What these hunks would replace stays as it is. */
  reject(hunks: readonly Hunk[]): void {
    if (!this.#replacing) this.#settle(hunks, 'rejected');
  }

  /** Somebody, or we, changed one of the documents. */
  documentChanged(document: vscode.TextDocument, changes: readonly TextChange[]): void {
    const isWhole = this.#parts.targets.follow(document, changes, this.#replacing);
    if (isWhole && this.#replacing) return; // told once all that it changes is known
    if (isWhole) this.#session.changed();
    else
      this.#session.end('cancelled', vscode.l10n.t('the text that it was to replace was edited'));
  }

  #settle(hunks: readonly Hunk[], status: 'accepted' | 'rejected'): void {
    const { targets, view, review } = this.#parts;
    for (const [target, parts] of partsOf(hunks)) {
      const fill = view.fill(target);
      const isWhole = parts.length === 0 || !fill;
      if (!isWhole && status === 'accepted') {
        targets.revise(target.id, review.accept(fill, target, parts));
      } else if (!isWhole) {
        review.reject(fill, target, parts);
      }
      if (!isWhole && review.hasOpen(fill, targets.of(target))) continue;
      // Of a draft with hunks, one that was accepted is enough to have changed the document.
      const isAccepted = status === 'accepted' || target.accepted !== undefined;
      targets.settle([target], isAccepted ? 'accepted' : 'rejected');
    }
    if (targets.open.length > 0) return this.#session.changed();
    const isAccepted = targets.all.some((target) => target.status === 'accepted');
    this.#session.end(isAccepted ? 'accepted' : 'rejected');
  }

  #checkOriginals(targets: readonly Target[]): boolean {
    const hold = this.#parts.targets.holdOriginals(targets);
    const changed = vscode.l10n.t('the text that it was to replace has changed');
    if (!hold) this.#session.end('cancelled', changed);
    return hold;
  }

  #refused(): void {
    this.#session.say(vscode.l10n.t('VS Code refused the edit; the document may be read-only'));
    this.#session.changed();
  }
}

function write(filled: readonly Hunk[], targets: TargetList): Promise<boolean> {
  const replacements = filled.map(({ target, range, text }) => ({
    document: targets.documentOf(target),
    range,
    text: text!,
  }));
  return applyReplacements(replacements).then(
    (done) => done,
    () => false,
  );
}
