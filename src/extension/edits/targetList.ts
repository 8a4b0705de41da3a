/**
 * The targets of one session in their documents: which are open, where they are now, and whether they
 * still hold the text they were asked for. Follows changes; knows neither fills nor requests.
 */
import type * as vscode from 'vscode';
import type { TextRange } from '../../protocol/messages';
import { inOrder, type DraftState, type Target, type TargetWish } from './target';
import { moved, movedBeside, reached, rewritten, type TextChange } from './trackedRanges';

/** Targets of one document. */
export interface TargetsIn {
  readonly document: vscode.TextDocument;
  readonly targets: readonly TargetWish[];
}

/** Parts of targets, as ranges of the document, by the target's id. */
export type Replacing = ReadonlyMap<number, 'all' | readonly TextRange[]>;

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

  /** The same target as it is now. */
  of({ id }: Target): Target {
    return this.#all.find((target) => target.id === id)!;
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

  /** A part of a target was written; its range has followed that already. */
  revise(id: number, now: DraftState): void {
    this.#all = this.#all.map((target) => {
      if (target.id !== id) return target;
      const { original, accepted = [], states = [{ original, accepted }] } = target;
      return { ...target, ...now, states: [...states, now] };
    });
  }

  /**
   * Moves the open targets along. False: one of them was touched.
   * @param replacing targets that an edit of ours is replacing right now, all of them or these ranges;
   * others may lie beside them.
   */
  follow(
    document: vscode.TextDocument,
    changes: readonly TextChange[],
    replacing: Replacing | undefined,
  ): boolean {
    const rule = replacing ? movedBeside : moved;
    const followed = new Set(
      this.openIn(document).filter(({ id }) => replacing?.get(id) !== 'all'),
    );
    let isTouched = false;
    this.#all = this.#all.map((target) => {
      if (!followed.has(target)) return target;
      const own = replacing?.get(target.id);
      const isOurs = own !== undefined && own !== 'all';
      const range = isOurs ? rewritten(target.range, changes, own) : rule(target.range, changes);
      if (range) return { ...target, range };
      const back = restored(target, document, changes);
      isTouched ||= back === undefined;
      return back ?? target;
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

/** Undo or redo of an accepted hunk: the target as it was then. Undefined: the change is another one. */
function restored(
  target: Target,
  document: vscode.TextDocument,
  changes: readonly TextChange[],
): Target | undefined {
  const range = reached(target.range, changes);
  const text = document.getText().slice(range.start, range.end);
  const state = target.states?.find(({ original }) => original === text);
  return state && { ...target, ...state, range };
}
