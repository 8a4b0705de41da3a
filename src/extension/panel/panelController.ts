/**
 * The conversation of this window and what is done with it: send, stop, regenerate, edit. Holds all there
 * is to show, so a page may come and go while an answer is being made. Writes into no document; what a page
 * posts comes in here checked, and what it is to show goes out through `post`.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { LacunaError } from '../../protocol/errors';
import type { ChipKind, PanelModelView, PanelState, ToPanel } from '../../protocol/panelMessages';
import type { PanelWords } from '../../protocol/panelWords';
import { documentSource } from '../documentSource';
import { later, messageOf } from '../l10n';
import { readEditSettings, readInlineSettings, readSampling } from '../settings';
import { withoutControls } from './contextText';
import {
  cutBefore,
  emptyConversation,
  messagesUpTo,
  settled,
  titleOf,
  withTurn,
  type ContextItem,
  type Conversation,
  type Turn,
} from './conversation';
import { ConversationStore } from './conversationStore';
import { LatestStep } from './latestStep';
import type { PanelSource } from './panelSource';
import { askedAgain, chatRequestOf, infillRequest, type Request } from './question';
import { run, type RunStep } from './run';
import { readSurrounding, type Surrounding } from './surroundingItems';
import { modeOf, modelView } from './modelView';

const doing = later('Cannot ask');

export interface PanelTools {
  readonly source: PanelSource;
  readonly store: ConversationStore;
  readonly post: (message: ToPanel) => void;
  /** For the log; never what was asked or answered. */
  readonly warn: (text: string) => void;
  readonly now: () => number;
  readonly words: PanelWords;
}

/** A question that is ready to be asked, or to be looked at. */
interface Prepared {
  readonly request: Request;
  readonly context: readonly ContextItem[];
  readonly place: string;
  readonly languageId: string;
}

export class PanelController {
  readonly #tools: PanelTools;
  #conversation: Conversation;
  #running: { readonly turn: string; readonly abort: AbortController } | undefined;
  /** What was asked in this window, by turn; `attempt` counts what was drawn from it. */
  readonly #requests = new Map<string, { readonly request: Request; attempt: number }>();
  /** Nothing is taken while a question is being looked at. */
  #isPreparing = false;
  #toldModel = '';

  constructor(tools: PanelTools) {
    this.#tools = tools;
    this.#conversation = emptyConversation(ConversationStore.newId(), tools.now());
  }

  get conversation(): Conversation {
    return this.#conversation;
  }
  get isAnswering(): boolean {
    return this.#running !== undefined;
  }

  get state(): PanelState {
    const editor = vscode.window.activeTextEditor;
    return {
      model: this.model,
      title: titleOf(this.#conversation),
      turns: this.#conversation.turns,
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
    this.#isPreparing = true;
    try {
      const before = replaced === undefined ? this.#conversation : this.#without(replaced);
      const id = ConversationStore.newId();
      const prepared = await this.#prepare(text, chips, before, id);
      await this.#checkRoom(text, prepared);
      const { context, place, languageId, request } = prepared;
      const question = withoutControls(text);
      const empty = { text: '', hasHoles: false, reason: '', languageId, kind: request.kind };
      const answer = { ...empty, state: 'denoising' as const };
      const turn = { id, question, context, place, answer, changedMs: this.#tools.now() };
      this.#requests.set(id, { request, attempt: 0 });
      this.#conversation = withTurn(before, turn);
      this.#tools.post({ type: 'taken' });
      this.tellAll();
      void this.#answer(turn, request);
    } catch (thrown) {
      this.#refuse(messageOf(thrown));
    } finally {
      this.#isPreparing = false;
    }
  }

  /** Between two denoise steps; what is written stays. */
  stop(): void {
    this.#running?.abort.abort();
  }

  async regenerate(id: string, strength: number): Promise<void> {
    const turn = this.#conversation.turns.find((one) => one.id === id);
    if (!turn || this.#running || this.#isPreparing) return;
    this.#isPreparing = true;
    try {
      const known = this.#requests.get(id) ?? { request: await this.#asBefore(turn), attempt: 0 };
      known.attempt++;
      this.#requests.set(id, known);
      const { text, hasHoles } = turn.answer;
      const kept = hasHoles ? '' : text;
      const request = askedAgain(known.request, kept, strength, known.attempt);
      const answer = {
        ...turn.answer,
        kind: request.kind,
        state: 'denoising' as const,
        reason: '',
      };
      this.#conversation = withTurn(this.#conversation, { ...turn, answer });
      this.tellAll();
      void this.#answer({ ...turn, answer }, request);
    } catch (thrown) {
      this.#refuse(messageOf(thrown));
    } finally {
      this.#isPreparing = false;
    }
  }

  /** What exactly would be read, for a question as it is typed. */
  async preview(text: string, chips: readonly ChipKind[]): Promise<void> {
    const nothing = { type: 'preview', pieces: [], tokens: 0, maxTokens: 0 } as const;
    try {
      const { request } = await this.#prepare(text, chips, this.#conversation, 'preview');
      const { pieces, tokens, maxTokens, leftOut, leftOutMessages } =
        await this.#tools.source.preview(previewOf(request));
      const note = leftOutNote(leftOut.before + leftOut.after, leftOutMessages);
      this.#tools.post({ type: 'preview', pieces, tokens, maxTokens, note });
    } catch (thrown) {
      const note = messageOf(thrown);
      this.#tools.post({ ...nothing, note });
    }
  }

  /** Another conversation takes the present one's place; that one is kept. */
  open(conversation?: Conversation): void {
    this.stop();
    this.#conversation = conversation
      ? settled(conversation, closedReason())
      : emptyConversation(ConversationStore.newId(), this.#tools.now());
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

  async #answer(turn: Turn, request: Request): Promise<void> {
    const abort = new AbortController();
    this.#running = { turn: turn.id, abort };
    const steps = new LatestStep<RunStep>((step) =>
      this.#tools.post({ type: 'step', turn: turn.id, ...step }),
    );
    const conversation = this.#conversation.id;
    await this.#save();
    const outcome = await run(request, this.#tools.source, {
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
    const { figures, ...rest } = outcome;
    const { figures: _old, ...before } = turn.answer;
    // What was there before is better than nothing.
    const isKept = rest.state !== 'done' && rest.text === '';
    const kept = isKept ? { text: before.text, hasHoles: before.hasHoles } : {};
    const answer = { ...before, ...rest, ...kept, ...(figures && { figures }) };
    const answered = { ...turn, answer, changedMs: this.#tools.now() };
    if (outcome.state === 'failed') this.#tools.warn(`An answer failed: ${outcome.reason}`);
    if (conversation !== this.#conversation.id) return this.#keepAside(conversation, answered);
    this.#conversation = withTurn(this.#conversation, answered);
    this.#tools.post({ type: 'turn', turn: answered });
    await this.#save();
  }

  /** Its conversation was left while it was being made. */
  async #keepAside(id: string, turn: Turn): Promise<void> {
    const left = await this.#tools.store.read(id);
    if (left) await this.#tools.store.save(withTurn(left, turn));
  }

  async #save(): Promise<void> {
    try {
      const mine = this.#conversation;
      const joined = await this.#tools.store.save(mine);
      // Only what another window added; what happened here meanwhile is newer.
      if (joined.turns.length !== mine.turns.length && this.#conversation === mine) {
        this.#conversation = joined;
        this.tellAll();
      }
    } catch (thrown) {
      this.#tools.warn(`Cannot keep the conversation: ${String(thrown)}`);
    }
  }

  #without(turn: string): Conversation {
    return cutBefore(this.#conversation, turn, this.#tools.now());
  }

  #refuse(reason: string): void {
    this.#tools.post({ type: 'refused', reason });
  }

  async #prepare(
    text: string,
    chips: readonly ChipKind[],
    conversation: Conversation,
    id: string,
  ): Promise<Prepared> {
    const { source } = this.#tools;
    const model = source.model;
    if (!model)
      throw refusal(
        this.model.note,
        vscode.l10n.t('Choose a model folder or restart the sampler process'),
      );
    const surrounding = await readSurrounding();
    const question = withoutControls(text);
    if (modeOf(model) === 'code') return this.#prepareCode(question, chips, surrounding);
    const items = (surrounding?.items ?? []).filter(({ kind }) => chips.includes(kind));
    const { counts } = await source.count(items.map((item) => item.text));
    const context = items.map((item, index) => ({ ...item, tokens: counts[index] ?? 0 }));
    const answer = {
      text: '',
      hasHoles: false,
      reason: '',
      languageId: '',
      kind: 'prose' as const,
    };
    const asked = {
      ...{ id, question, context, place: '', changedMs: 0 },
      answer: { ...answer, state: 'denoising' as const },
    };
    const messages = messagesUpTo(withTurn(conversation, asked), id);
    const request = chatRequestOf(
      messages,
      readSampling(vscode.workspace.getConfiguration('lacuna')),
    );
    return { request, context, place: '', languageId: '' };
  }

  async #prepareCode(
    question: string,
    chips: readonly ChipKind[],
    surrounding: Surrounding | undefined,
  ): Promise<Prepared> {
    if (!surrounding) {
      throw refusal(
        vscode.l10n.t('there is no editor with a place for the code'),
        vscode.l10n.t('Open a file and put the cursor where the code should go'),
      );
    }
    const { document, items, missing, selection, symbol, cursor, place } = surrounding;
    if (items.length === 0)
      throw refusal(missing.file ?? '', vscode.l10n.t('See the setting "lacuna.disabledFiles"'));
    const taken = items.filter(({ kind }) => chips.includes(kind));
    const has = (kind: ChipKind) => taken.some((item) => item.kind === kind);
    const isReplaced = selection !== undefined && has('selection');
    const { languageId } = document;
    const request = infillRequest(
      question,
      taken.find(({ kind }) => kind === 'problems')?.text ?? '',
      {
        source: documentSource(document),
        file: path.basename(document.fileName),
        languageId,
        cursor,
        selection: isReplaced ? selection : undefined,
        around: has('file') ? 'file' : has('symbol') && symbol ? symbol : 'nothing',
        strength: readEditSettings(document).strength,
        sampling: readInlineSettings(document).sampling,
      },
    );
    const { counts } = await this.#tools.source.count(taken.map((item) => item.text));
    // The document holds what went along; a conversation would have to keep it.
    const context = taken.map((item, index) => ({ ...item, text: '', tokens: counts[index] ?? 0 }));
    return { request, context, place, languageId };
  }

  /** @throws LacunaError with the counts of what is too long. */
  async #checkRoom(text: string, { request }: Prepared): Promise<void> {
    const { source } = this.#tools;
    if (request.kind === 'code') {
      const { counts, maxTokens } = await source.count([request.params.instruction ?? '']);
      const [tokens = 0] = counts;
      // A model without instructions gets them as a comment, which would be cut in silence.
      if (tokens > maxTokens / 2) {
        const { t } = vscode.l10n;
        throw new LacunaError('contextTooLong', {
          doing,
          found: t(
            'the question has {0} characters ({1} tokens), and the model holds {2} tokens, half of them for a question',
            amount(text.length),
            amount(tokens),
            amount(maxTokens),
          ),
          advice: t('Shorten it; nothing of it is lost'),
        });
      }
    }
    await source.preview(previewOf(request));
  }

  /** The question of a turn that was asked before this window was opened. */
  async #asBefore(turn: Turn): Promise<Request> {
    const kinds = turn.context.map(({ kind }) => kind);
    const isProse = turn.answer.kind === 'prose' && this.model.mode === 'conversation';
    if (!isProse) {
      return (await this.#prepare(turn.question, kinds, this.#conversation, turn.id)).request;
    }
    const sampling = readSampling(vscode.workspace.getConfiguration('lacuna'));
    return chatRequestOf(messagesUpTo(this.#conversation, turn.id), sampling);
  }
}

function previewOf(request: Request) {
  return request.kind === 'code' ? { fill: request.params } : { chat: request.params };
}

function refusal(found: string, advice: string): LacunaError {
  return new LacunaError('badInput', { doing, found: found.replace(/\.$/, ''), advice });
}

export function closedReason(): string {
  return vscode.l10n.t('The window was closed before the answer was finished');
}

function leftOutNote(tokens: number, messages: number): string {
  const { t } = vscode.l10n;
  if (messages > 0) return t('{0} earlier messages are not sent', messages);
  return tokens > 0 ? t('{0} tokens of the surroundings do not fit', amount(tokens)) : '';
}

function amount(count: number): string {
  return count.toLocaleString(vscode.env.language);
}
