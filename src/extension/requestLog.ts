/**
 * What became of the requests for ghost text: one record each, with the time that every part took.
 * Feeds "Explain Last Suggestion", the status bar's "slow", the tests and the bench. A record holds no
 * code of the user's; what was sent last is kept besides, in memory, until the next request.
 */
import * as vscode from 'vscode';
import type { FillParams } from '../protocol/messages';
import type { Silence } from './silence';

/** Milliseconds of each part of a request, in the order in which they pass. */
export interface RequestParts {
  /** Reading the text around the cursor. */
  contextMs: number;
  debounceMs: number;
  /** In the sampler process, behind other requests. */
  queueMs: number;
  /** In the sampler process, inside the network. */
  forwardMs: number;
  /** In the sampler process, outside of it: text to tokens and back, the commit rule. */
  textMs: number;
  /** Between the two processes, there and back. */
  transportMs: number;
  /** Making the fill fit, in the extension. */
  polishMs: number;
  totalMs: number;
}

export interface RequestRecord {
  /** Base name only. */
  readonly file: string;
  readonly languageId: string;
  readonly automatic: boolean;
  /** A suggestion was selected in VS Code's list, and the fill had to go on from it. */
  readonly continuesSuggestion: boolean;
  readonly outcome: 'shown' | Silence;
  readonly detail?: string;
  /** The sampler was not asked. */
  readonly fromCache: boolean;
  readonly confidence?: number; // 0..1
  readonly threshold?: number; // 0..1
  readonly forwards?: number;
  readonly steps?: number;
  readonly tokens?: number;
  /** UTF-16 units of text that went to the sampler process. */
  readonly sent?: { readonly before: number; readonly after: number };
  readonly parts: Readonly<RequestParts>;
}

export class RequestLog {
  readonly #recorded = new vscode.EventEmitter<RequestRecord>();
  readonly onRecord = this.#recorded.event;
  readonly #wasAccepted = new vscode.EventEmitter<void>();
  /** Ghost text was accepted; the document has changed by then. */
  readonly onAccept = this.#wasAccepted.event;
  #last: RequestRecord | undefined;
  #lastSent: FillParams | undefined;
  #accepted = 0;
  shown = 0;
  /** Fills made before somebody asked for them. */
  madeAhead = 0;

  get last(): RequestRecord | undefined {
    return this.#last;
  }

  /** Nothing where the last request did not reach the sampler process. */
  get lastSent(): FillParams | undefined {
    return this.#lastSent;
  }

  get accepted(): number {
    return this.#accepted;
  }

  accept(): void {
    this.#accepted++;
    this.#wasAccepted.fire();
  }

  add(record: RequestRecord, sent?: FillParams): void {
    this.#last = record;
    this.#lastSent = sent;
    if (record.outcome === 'shown') this.shown++;
    this.#recorded.fire(record);
  }

  dispose(): void {
    this.#recorded.dispose();
    this.#wasAccepted.dispose();
  }
}
