/**
 * The fill for the next line, asked for once a completion was accepted and nobody wants anything else:
 * behind every other request, given up as soon as one comes, never on battery. It goes where earlier fills
 * are kept, so that Enter finds it there. Shows nothing and never throws.
 */
import * as vscode from 'vscode';
import type { CompletionCache } from './completionCache';
import type { LacunaContext } from './context';
import { fileRefusal } from './disabledFiles';
import { documentSource, editorIndentation, editorOf, lineEnd } from './documentSource';
import { fillParams, polished } from './ghostTextFill';
import { afterEnter } from './nextLine';
import { readyModel } from './sampler';
import { readInlineSettings } from './settings';
import { readSurroundings } from './surroundings';

/** What VS Code itself asks for after an acceptance comes sooner than this. */
const idleMs = 150;

/** The text as it stood when the completion was accepted. */
interface Plan {
  readonly document: vscode.TextDocument;
  readonly version: number;
  readonly position: vscode.Position;
}

export class Prefetch {
  readonly #context: LacunaContext;
  readonly #cache: CompletionCache;
  #plan: Plan | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: AbortController | undefined;

  constructor(context: LacunaContext, cache: CompletionCache) {
    this.#context = context;
    this.#cache = cache;
  }

  /** A completion was accepted in the active editor; the document has changed by then. */
  plan(): void {
    this.drop();
    const editor = vscode.window.activeTextEditor;
    if (!editor || !editor.selection.isEmpty) return;
    const { document, selection } = editor;
    this.#plan = { document, version: document.version, position: selection.active };
    this.resume();
  }

  /** Something is asked for that somebody waits for. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
  }

  /** It is answered. */
  resume(): void {
    clearTimeout(this.#timer);
    if (this.#plan) this.#timer = setTimeout(() => void this.#run(), idleMs);
  }

  drop(): void {
    this.pause();
    this.#plan = undefined;
  }

  async #run(): Promise<void> {
    const plan = this.#plan;
    if (!plan || !this.#isWanted(plan)) return;
    const running = new AbortController();
    this.#running = running;
    try {
      if (!(await this.#context.battery.isOnMains())) return;
      running.signal.throwIfAborted();
      await this.#fill(plan, running.signal);
      this.#plan = undefined;
    } catch {
      // Nobody asked for it, so nobody hears that it was given up; the request itself would say why it fails.
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  #isWanted({ document, version }: Plan): boolean {
    const settings = readInlineSettings(document);
    return (
      settings.prefetch &&
      settings.mode === 'auto' &&
      !document.isClosed &&
      document.version === version &&
      !this.#context.snooze.isActive &&
      !this.#context.battery.isPausing &&
      fileRefusal(document, settings.disabledFiles) === undefined &&
      readyModel(this.#context.client.status) !== undefined
    );
  }

  async #fill({ document, position }: Plan, signal: AbortSignal): Promise<void> {
    const here = readSurroundings(documentSource(document), document.offsetAt(position));
    const indentation = editorIndentation(editorOf(document));
    const around = afterEnter(here, indentation, lineEnd(document));
    const uri = document.uri.toString();
    if (!around || this.#cache.find(uri, around)) return;
    const params = fillParams(document, readInlineSettings(document), around, 'speculative');
    const fill = polished(
      await this.#context.client.fill(params, { signal }),
      document,
      around,
      false,
    );
    if ('unfit' in fill) return;
    this.#cache.store(uri, around, fill);
    this.#context.requests.madeAhead++;
  }
}
