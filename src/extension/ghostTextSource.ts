/**
 * Where ghost text comes from: an earlier fill that still fits, else the sampler. Says for every
 * request either what to show or why nothing is. The newest request wins: one that still runs is
 * cancelled, and the sampler process stops between two denoise steps.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { isAbort } from '../protocol/errors';
import { CompletionCache, type CachedFill } from './completionCache';
import type { LacunaContext } from './context';
import { AdaptiveDebounce } from './debounce';
import { fileRefusal } from './disabledFiles';
import { editorOf } from './documentSource';
import { fillParams, polished, surroundingsOf } from './ghostTextFill';
import type { GhostTextRequest } from './ghostTextRequest';
import type { RunOrigin } from './liveView/runRecorder';
import { Prefetch } from './prefetch';
import { readyModel, whenReady } from './sampler';
import { readInlineSettings, type InlineSettings } from './settings';
import { SettledFills } from './settledFills';
import type { Silence } from './silence';
import { isInsideWord, type Surroundings } from './surroundings';
import { messageOf } from './l10n';

export class GhostTextSource {
  readonly #context: LacunaContext;
  readonly #cache = new CompletionCache();
  readonly #settled = new SettledFills();
  readonly #debounce = new AdaptiveDebounce();
  readonly #prefetch: Prefetch;
  readonly #listeners: vscode.Disposable[] = [];
  readonly #hasProposal: (document: vscode.TextDocument) => boolean;
  #running: AbortController | undefined;
  #modelDir: string | undefined;

  constructor(context: LacunaContext, hasProposal: (document: vscode.TextDocument) => boolean) {
    this.#context = context;
    this.#hasProposal = hasProposal;
    this.#prefetch = new Prefetch(context, this.#cache);
    this.#listeners.push(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const isKey = contentChanges.length === 1 && contentChanges[0]!.text.length === 1;
        if (isKey && document === vscode.window.activeTextEditor?.document) {
          this.#debounce.typed(performance.now());
        }
      }),
      // What another model or other settings said is no answer any more.
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('lacuna')) this.#forget();
      }),
      context.client.onStatus(({ model }) => {
        if (model && model.dir !== this.#modelDir) this.#forget();
        this.#modelDir = model?.dir ?? this.#modelDir;
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        this.#settled.forgetDocument(uri.toString());
      }),
    );
  }

  dispose(): void {
    this.#running?.abort();
    this.#prefetch.drop();
    for (const listener of this.#listeners) listener.dispose();
  }

  /** What is shown was accepted or dismissed. */
  settle(): void {
    this.#settled.settle();
  }

  /** What is shown was accepted, and the document has it. */
  accept(): void {
    this.#settled.settle();
    this.#prefetch.plan();
  }

  /** Sets the request's completion or its silence; never throws. */
  async answer(request: GhostTextRequest): Promise<void> {
    this.#prefetch.pause();
    await this.#answer(request);
    this.#prefetch.resume();
  }

  async #answer(request: GhostTextRequest): Promise<void> {
    const settings = readInlineSettings(request.document);
    const refused = this.#refusal(request, settings);
    if (refused) return request.beSilent(refused);

    const around = await request.time('contextMs', () => surroundingsOf(request));
    if (request.automatic && isInsideWord(around)) return request.beSilent('insideWord');
    const uri = request.document.uri.toString();
    if (request.automatic && this.#settled.has(uri, around)) return request.beSilent('dismissed');
    const known = this.#cache.find(uri, around);
    if (known) {
      request.fromCache = true;
      if (!request.automatic) this.#cache.store(uri, around, { ...known, isWanted: true });
      return this.#offer(request, settings, around, known);
    }
    try {
      const fill = await this.#sample(request, settings, around);
      if (!fill) return;
      this.#cache.store(uri, around, fill);
      if (request.token.isCancellationRequested) return request.beSilent('superseded');
      this.#offer(request, settings, around, fill);
    } catch (error) {
      if (isAbort(error)) return request.beSilent('superseded');
      const detail = messageOf(error);
      this.#context.log.warn(detail);
      request.beSilent('failed', detail);
    }
  }

  /** Reasons that need neither the text nor the model. */
  #refusal(request: GhostTextRequest, settings: InlineSettings): Silence | undefined {
    const { document, automatic, selected, position } = request;
    if (settings.mode === 'off') return 'off';
    if (automatic && settings.mode === 'manual') return 'manual';
    if (automatic && this.#context.snooze.isActive) return 'snoozed';
    if (automatic && this.#context.battery.isPausing) return 'onBattery';
    const refused = fileRefusal(document, settings.disabledFiles);
    if (refused) return refused;
    if (this.#hasProposal(document)) return 'previewUp';
    if ((editorOf(document)?.selections.length ?? 1) > 1) return 'severalCursors';
    if (automatic && !readyModel(this.#context.client.status)) return 'notReady';
    if (!selected) return undefined;
    const replaced = document.getText(selected.range);
    const continues = selected.text.startsWith(replaced) && selected.range.end.isEqual(position);
    return continues ? undefined : 'suggestWidget';
  }

  /** The gate: nobody asked for an automatic fill, so it has to be worth the attention. */
  #offer(
    request: GhostTextRequest,
    settings: InlineSettings,
    around: Surroundings,
    fill: CachedFill,
  ): void {
    const model = readyModel(this.#context.client.status);
    request.confidence = fill.confidence;
    if (request.automatic && !fill.isWanted) {
      request.threshold = settings.confidenceThreshold ?? model?.inlineThreshold ?? 0;
      if (fill.confidence < request.threshold) return request.beSilent('lowConfidence');
    }
    request.completion = fill;
    const isWanted = fill.isWanted || !request.automatic;
    this.#settled.offer(request.document.uri.toString(), around, { ...fill, isWanted });
  }

  #forget(): void {
    this.#cache.clear();
    this.#settled.clear();
  }

  async #sample(
    request: GhostTextRequest,
    settings: InlineSettings,
    around: Surroundings,
  ): Promise<CachedFill | undefined> {
    const abort = new AbortController();
    const cancelled = request.token.onCancellationRequested(() => abort.abort());
    try {
      if (request.token.isCancellationRequested) abort.abort();
      if (request.automatic)
        await request.time('debounceMs', () => this.#pause(settings, around, abort));
      abort.signal.throwIfAborted();
      this.#running?.abort();
      this.#running = abort;
      const model = await whenReady(this.#context, abort.signal);
      const priority = request.automatic ? 'inline' : 'explicit';
      // What is watched can be resumed, exported and repeated, so it takes no context of another request.
      const asks = fillParams(request.document, settings, around, priority);
      const params = this.#context.runs.wantsSteps ? { ...asks, reuseContext: false } : asks;
      request.sent = params;
      const result = await request.time('roundTripMs', () =>
        this.#measured(() =>
          this.#context.runs.follow(
            { origin: originOf(request), params, model },
            { signal: abort.signal },
            (call) => this.#context.client.fill(params, call),
          ),
        ),
      );
      request.result = result;
      request.confidence = result.fills[0]!.confidence;
      const fill = await request.time('polishMs', () =>
        polished(result, request.document, around, !request.automatic),
      );
      if (!('unfit' in fill)) return fill;
      request.beSilent(fill.unfit);
      return undefined;
    } finally {
      cancelled.dispose();
      if (this.#running === abort) this.#running = undefined;
    }
  }

  /** The debounce learns how long the sampler takes, of requests that were given up as well. */
  async #measured<T>(run: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    try {
      const result = await run();
      this.#debounce.answered(performance.now() - startMs);
      return result;
    } catch (error) {
      if (isAbort(error)) this.#debounce.abandoned(performance.now() - startMs);
      throw error;
    }
  }

  #pause(
    settings: InlineSettings,
    around: Surroundings,
    { signal }: AbortController,
  ): Promise<void> {
    const { lineBefore, restOfLine, offset, documentLength } = around;
    const atDocumentEnd = offset === documentLength;
    const adaptiveMs = () => this.#debounce.delayMs({ lineBefore, restOfLine, atDocumentEnd });
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, settings.debounceMs ?? adaptiveMs());
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

function originOf({ document }: GhostTextRequest): RunOrigin {
  return { title: vscode.l10n.t('Ghost text'), file: path.basename(document.fileName) };
}
