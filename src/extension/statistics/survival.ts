/**
 * Follows accepted texts through the edits after them and says after 30 seconds and after 5 minutes
 * whether they are still there. Holds a text for these minutes only, in memory. A file that is closed
 * meanwhile is not counted, since nobody knows.
 */
import * as vscode from 'vscode';
import type { TextRange } from '../../protocol/messages';
import { changesOf, rangeOf } from '../edits/documents';
import { stretched } from '../edits/trackedRanges';
import { isKept } from './likeness';

export type Age = '30s' | '5min';
export const ages: readonly { readonly age: Age; readonly ms: number }[] = [
  { age: '30s', ms: 30_000 },
  { age: '5min', ms: 300_000 },
];

interface Accepted {
  readonly document: vscode.TextDocument;
  readonly text: string;
  /** Undefined: nothing of it is left. */
  range: TextRange | undefined;
}

/** What runs later; the tests bring a clock of their own. */
export type Later = (run: () => void, ms: number) => { dispose(): void };
export type OnAge = (languageId: string, age: Age, kept: boolean) => void;

export class Survival {
  readonly #onAge: OnAge;
  readonly #later: Later;
  readonly #followed = new Set<Accepted>();
  readonly #timers = new Set<{ dispose(): void }>();
  readonly #listeners: vscode.Disposable[];

  constructor(onAge: OnAge, later: Later = timeout) {
    this.#onAge = onAge;
    this.#later = later;
    this.#listeners = [
      vscode.workspace.onDidChangeTextDocument((event) => {
        const changes = changesOf(event);
        for (const accepted of this.#followed) {
          if (accepted.document !== event.document || !accepted.range) continue;
          accepted.range = stretched(accepted.range, changes);
        }
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        for (const accepted of this.#followed) {
          if (accepted.document === document) this.#followed.delete(accepted);
        }
      }),
    ];
  }

  follow(document: vscode.TextDocument, ranges: readonly TextRange[]): void {
    for (const range of ranges) {
      const text = document.getText(rangeOf(document, range));
      const accepted: Accepted = { document, text, range };
      this.#followed.add(accepted);
      for (const { age, ms } of ages) this.#in(ms, () => this.#look(accepted, age));
    }
  }

  dispose(): void {
    for (const timer of this.#timers) timer.dispose();
    for (const listener of this.#listeners) listener.dispose();
    this.#followed.clear();
  }

  #look(accepted: Accepted, age: Age): void {
    if (!this.#followed.has(accepted)) return;
    const { document, text, range } = accepted;
    const kept = range !== undefined && isKept(text, document.getText(rangeOf(document, range)));
    this.#onAge(document.languageId, age, kept);
    if (age === ages.at(-1)!.age) this.#followed.delete(accepted);
  }

  #in(ms: number, run: () => void): void {
    const timer = this.#later(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}

function timeout(run: () => void, ms: number): { dispose(): void } {
  const timer = setTimeout(run, ms);
  return { dispose: () => clearTimeout(timer) };
}
