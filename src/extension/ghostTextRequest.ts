/**
 * One request for ghost text on its way through the parts: what was asked, what came of it, and how
 * long each part took. Holds state, decides nothing.
 */
import path from 'node:path';
import type * as vscode from 'vscode';
import type { FillResult } from '../protocol/messages';
import type { CachedFill } from './completionCache';
import type { RequestParts, RequestRecord } from './requestLog';
import type { Silence } from './silence';

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
  result: FillResult | undefined;
  readonly #startMs = performance.now();
  readonly #parts: Partial<RequestParts> = {};

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
  async time<T>(part: keyof RequestParts, run: () => T | Promise<T>): Promise<T> {
    const startMs = performance.now();
    try {
      return await run();
    } finally {
      this.#parts[part] = performance.now() - startMs;
    }
  }

  record(): RequestRecord {
    const { result, detail, confidence, threshold } = this;
    const fillMs = this.#parts.samplerMs ?? 0; // the round trip, as seen from here
    const queueMs = result?.queueMs ?? 0;
    const samplerMs = result?.elapsedMs ?? fillMs;
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
      parts: {
        contextMs: this.#parts.contextMs ?? 0,
        debounceMs: this.#parts.debounceMs ?? 0,
        queueMs,
        samplerMs,
        transportMs: Math.max(0, fillMs - queueMs - samplerMs),
        polishMs: this.#parts.polishMs ?? 0,
        totalMs: performance.now() - this.#startMs,
      },
    };
  }
}
