/**
 * The conversation of this window and what is done with it: send, stop, regenerate, edit. Holds all there
 * is to show, so a page may come and go while an answer is being made. Writes into no document; what a page
 * posts comes in here checked, and what it is to show goes out through `post`.
 */
import * as vscode from 'vscode';
import type { ChipKind, PanelModelView, PanelState, ToPanel } from '../../protocol/panelMessages';
import type { PanelWords } from '../../protocol/panelWords';
import { messageOf } from '../l10n';
import { readEditSettings } from '../settings';
import { withoutControls } from './contextText';
import { cutBefore, settled, titleOf, type Conversation, type Turn } from './conversation';
import { ConversationStore } from './conversationStore';
import { HeldConversation, type HoldingTools } from './heldConversation';
import { LatestStep } from './latestStep';
import { modelView } from './modelView';
import type { PanelSource } from './panelSource';
import { prepare, prepareAgain } from './prepare';
import { askedAgain, type Request } from './question';
import { checkRoom, previewMessage } from './room';
import { run, withOutcome, type RunStep } from './run';

export interface PanelTools extends HoldingTools {
  readonly source: PanelSource;
  readonly post: (message: ToPanel) => void;
  readonly words: PanelWords;
}

export class PanelController {
  readonly #tools: PanelTools;
  readonly #held: HeldConversation;
  #running: { readonly turn: string; readonly abort: AbortController } | undefined;
  /** What was asked in this window, by turn; `attempt` counts what was drawn from it. */
  readonly #requests = new Map<string, { readonly request: Request; attempt: number }>();
  /** Nothing is taken while a question is being looked at. */
  #isPreparing = false;
  #toldModel = '';

  constructor(tools: PanelTools) {
    this.#tools = tools;
    this.#held = new HeldConversation(tools, () => this.tellAll());
  }

  get conversation(): Conversation {
    return this.#held.present;
  }
  get isAnswering(): boolean {
    return this.#running !== undefined;
  }

  get state(): PanelState {
    const editor = vscode.window.activeTextEditor;
    return {
      model: this.model,
      title: titleOf(this.conversation),
      turns: this.conversation.turns,
      strength: editor ? readEditSettings(editor.document).strength : 60,
    };
  }

  get model(): PanelModelView {
    return modelView(this.#tools.source.model, this.#tools.source.whyNone);
  }

  /** Takes a question, or says why not; then what was typed stays. */
  async send(text: string, chips: readonly ChipKind[], replaced?: string): Promise<void> {
    if (this.#running || this.#isPreparing) {
      return this.#refuse(vscode.l10n.t('An answer is being made; stop it first'));
    }
    await this.#prepared(async () => {
      const { source, now, post } = this.#tools;
      const before =
        replaced === undefined ? this.conversation : cutBefore(this.conversation, replaced, now());
      const id = ConversationStore.newId();
      const prepared = await prepare({ text, chips, conversation: before, id }, source);
      const { context, place, languageId, request } = prepared;
      await checkRoom(text, request, source);
      const question = withoutControls(text);
      const empty = { text: '', hasHoles: false, reason: '', languageId, kind: request.kind };
      const answer = { ...empty, state: 'denoising' as const };
      const turn = { id, question, context, place, answer, changedMs: now() };
      this.#requests.set(id, { request, attempt: 0 });
      this.#held.change(before);
      this.#held.put(turn);
      post({ type: 'taken' });
      this.tellAll();
      void this.#answer(turn, request);
    });
  }

  /** Between two denoise steps; what is written stays. */
  stop(): void {
    this.#running?.abort.abort();
  }

  async regenerate(id: string, strength: number): Promise<void> {
    const turn = this.conversation.turns.find((one) => one.id === id);
    if (!turn || this.#running || this.#isPreparing) return;
    await this.#prepared(async () => {
      const known = this.#requests.get(id) ?? {
        request: await prepareAgain(turn, this.conversation, this.#tools.source),
        attempt: 0,
      };
      known.attempt++;
      this.#requests.set(id, known);
      const { text, hasHoles } = turn.answer;
      const request = askedAgain(known.request, hasHoles ? '' : text, strength, known.attempt);
      const state = { kind: request.kind, state: 'denoising' as const, reason: '' };
      const again = { ...turn, answer: { ...turn.answer, ...state } };
      this.#held.put(again);
      this.tellAll();
      void this.#answer(again, request);
    });
  }

  /** What exactly would be read, for a question as it is typed. */
  async preview(text: string, chips: readonly ChipKind[]): Promise<void> {
    const { source, post } = this.#tools;
    try {
      const asked = { text, chips, conversation: this.conversation, id: 'preview' };
      const { request } = await prepare(asked, source);
      post(await previewMessage(request, source));
    } catch (thrown) {
      const note = messageOf(thrown);
      post({ type: 'preview', pieces: [], tokens: 0, maxTokens: 0, note });
    }
  }

  /** Another conversation takes the present one's place; that one is kept. */
  open(conversation?: Conversation): void {
    this.stop();
    this.#held.change(conversation && settled(conversation, closedReason()));
    this.tellAll();
  }

  /** True: its model came, went or is another one now, and the page was told. */
  tellModel(): boolean {
    const model = JSON.stringify(this.model);
    if (model === this.#toldModel) return false;
    this.#toldModel = model;
    this.tellAll();
    return true;
  }

  tellAll(): void {
    this.#tools.post({ type: 'state', state: this.state, words: this.#tools.words });
  }

  dispose(): void {
    this.stop();
  }

  /** One at a time; what goes wrong is why a question is not taken. */
  async #prepared(work: () => Promise<void>): Promise<void> {
    this.#isPreparing = true;
    try {
      await work();
    } catch (thrown) {
      this.#refuse(messageOf(thrown));
    } finally {
      this.#isPreparing = false;
    }
  }

  async #answer(turn: Turn, request: Request): Promise<void> {
    const { source, post, warn, now } = this.#tools;
    const abort = new AbortController();
    this.#running = { turn: turn.id, abort };
    const steps = new LatestStep<RunStep>((step) => post({ type: 'step', turn: turn.id, ...step }));
    const { id } = this.conversation;
    await this.#held.save();
    const outcome = await run(request, source, {
      signal: abort.signal,
      onStep: (step) => steps.take(step),
      words: {
        title: vscode.l10n.t('Instruction'),
        stopped: vscode.l10n.t('Stopped'),
        limit: vscode.l10n.t('The answer ran into its limit'),
      },
    });
    steps.dispose();
    this.#running = undefined;
    const answered = { ...turn, answer: withOutcome(turn.answer, outcome), changedMs: now() };
    if (outcome.state === 'failed') warn(`An answer failed: ${outcome.reason}`);
    if (id !== this.conversation.id) return this.#held.keepAside(id, answered);
    this.#held.put(answered);
    post({ type: 'turn', turn: answered });
    await this.#held.save();
  }

  #refuse(reason: string): void {
    this.#tools.post({ type: 'refused', reason });
  }
}

function closedReason(): string {
  return vscode.l10n.t('The window was closed before the answer was finished');
}
