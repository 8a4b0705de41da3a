/**
 * The targets of one session in their documents: which are open, where they are now, and whether they
 * still hold the text they were asked for. Follows changes; knows neither fills nor requests.
 */
import type * as vscode from 'vscode';
import { inOrder, type Target, type TargetWish } from './target';
import { moved, movedBeside, type TextChange } from './trackedRanges';

/** Targets of one document. */
export interface TargetsIn {
  readonly document: vscode.TextDocument;
  readonly targets: readonly TargetWish[];
}

export class TargetList {
  readonly documents: readonly vscode.TextDocument[];
  #all: readonly Target[];

  /** @param given in the order of the canvas. */
  constructor(given: readonly TargetsIn[]) {
    this.documents = given.map(({ document }) => document);
    let id = 0;
    this.#all = given.flatMap(({ document, targets }) => {
      const text = document.getText();
      const uri = document.uri.toString();
      return inOrder(targets).map((target): Target => {
        const original = text.slice(target.range.start, target.range.end);
        return { ...target, id: id++, uri, original, status: 'open' };
      });
    });
  }

  get all(): readonly Target[] {
    return this.#all;
  }
  get open(): readonly Target[] {
    return this.#all.filter(({ status }) => status === 'open');
  }

  documentOf({ uri }: Target): vscode.TextDocument {
    return this.documents.find((document) => document.uri.toString() === uri)!;
  }

  openIn(document: vscode.TextDocument): readonly Target[] {
    const uri = document.uri.toString();
    return this.open.filter((target) => target.uri === uri);
  }

  settle(targets: readonly Target[], status: 'accepted' | 'rejected'): void {
    const settled = new Set(targets.map(({ id }) => id));
    this.#all = this.#all.map((target) =>
      settled.has(target.id) && target.status === 'open' ? { ...target, status } : target,
    );
  }

  /**
   * Moves the open targets along. False: one of them was touched.
   * @param replacing targets that an edit of ours is replacing right now; others may lie beside them.
   */
  follow(
    document: vscode.TextDocument,
    changes: readonly TextChange[],
    replacing: ReadonlySet<number> | undefined,
  ): boolean {
    const rule = replacing ? movedBeside : moved;
    const followed = new Set(this.openIn(document).filter(({ id }) => !replacing?.has(id)));
    let isTouched = false;
    this.#all = this.#all.map((target) => {
      if (!followed.has(target)) return target;
      const range = rule(target.range, changes);
      isTouched ||= range === undefined;
      return range ? { ...target, range } : target;
    });
    return !isTouched;
  }

  /** The last look before writing: no event may have been missed. */
  holdOriginals(targets: readonly Target[]): boolean {
    return targets.every((target) => {
      const document = this.documentOf(target);
      const { start, end } = target.range;
      return !document.isClosed && document.getText().slice(start, end) === target.original;
    });
  }
}
