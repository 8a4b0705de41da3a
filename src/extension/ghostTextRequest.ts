/**
 * One request for ghost text on its way through the parts: what was asked, what came of it, and how
 * long each part took. Holds state, decides nothing.
 */
import path from 'node:path';
import type * as vscode from 'vscode';
import type { FillParams, FillResult } from '../protocol/messages';
import type { CachedFill } from './completionCache';
import type { RequestRecord } from './requestLog';
import type { Silence } from './silence';

/** What is timed here; the rest of the record's parts comes from the sampler's answer. */
type TimedPart = 'contextMs' | 'debounceMs' | 'roundTripMs' | 'polishMs';

export interface Asked {
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
  readonly automatic: boolean;
  readonly selected: vscode.SelectedCompletionInfo | undefined;
  readonly token: vscode.CancellationToken;
}

export class GhostTextRequest implements Asked {
  readonly document: vscode.TextDocument;
  readonly position: vscode.Position;
  readonly automatic: boolean;
  readonly selected: vscode.SelectedCompletionInfo | undefined;
  readonly token: vscode.CancellationToken;

  completion: CachedFill | undefined;
  silence: Silence | undefined;
  detail: string | undefined;
  fromCache = false;
  confidence: number | undefined; // 0..1
  threshold: number | undefined; // 0..1
  /** What went to the sampler process. */
  sent: FillParams | undefined;
  result: FillResult | undefined;
  readonly #startMs = performance.now();
  readonly #parts: Partial<Record<TimedPart, number>> = {};

  constructor({ document, position, automatic, selected, token }: Asked) {
    this.document = document;
    this.position = position;
    this.automatic = automatic;
    this.selected = selected;
    this.token = token;
  }

  /** Ends the request without a completion. */
  beSilent(silence: Silence, detail?: string): void {
    this.silence = silence;
    this.detail = detail;
  }

  /** Runs a part and notes the time that it took. */
  async time<T>(part: TimedPart, run: () => T | Promise<T>): Promise<T> {
    const startMs = performance.now();
    try {
      return await run();
    } finally {
      this.#parts[part] = performance.now() - startMs;
    }
  }

  record(): RequestRecord {
    const { result, detail, confidence, threshold } = this;
    const roundTripMs = this.#parts.roundTripMs ?? 0;
    const queueMs = result?.queueMs ?? 0;
    const elapsedMs = result?.elapsedMs ?? 0;
    const forwardMs = result?.forwardMs ?? 0;
    return {
      file: path.basename(this.document.fileName),
      languageId: this.document.languageId,
      automatic: this.automatic,
      continuesSuggestion: this.selected !== undefined,
      outcome: this.silence ?? 'shown',
      ...(detail !== undefined && { detail }),
      fromCache: this.fromCache,
      ...(confidence !== undefined && { confidence }),
      ...(threshold !== undefined && { threshold }),
      ...(result && {
        forwards: result.forwards,
        steps: result.steps,
        tokens: result.fills[0]?.tokens.length ?? 0,
      }),
      ...(this.sent && { sent: sentLengths(this.sent) }),
      parts: {
        contextMs: this.#parts.contextMs ?? 0,
        debounceMs: this.#parts.debounceMs ?? 0,
        queueMs,
        forwardMs,
        textMs: Math.max(0, elapsedMs - forwardMs),
        transportMs: Math.max(0, roundTripMs - queueMs - elapsedMs),
        polishMs: this.#parts.polishMs ?? 0,
        totalMs: performance.now() - this.#startMs,
      },
    };
  }
}

/** Of the given texts at both sides of the gap. */
function sentLengths({ parts }: FillParams): NonNullable<RequestRecord['sent']> {
  const lengthOf = (part: FillParams['parts'][number] | undefined) =>
    part && 'text' in part ? part.text.length : 0;
  return { before: lengthOf(parts[0]), after: lengthOf(parts.at(-1)) };
}
