/**
 * The one proposal that a window shows at a time, and what happens around it: changes and closing of its
 * documents, the context keys its keys are bound under, the words when it ends. Starting another one
 * rejects it. Knows no command.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { changesOf, hasTab } from './documents';
import { EditSession } from './editSession';
import type { FillSource } from './fillSource';
import { checkDocument } from './guard';
import type { LockStore } from './lockStore';
import { previewScheme } from './previewUri';
import type { SessionSpec } from './sessionSpec';
import { messageOf } from '../l10n';

const sayMs = 6000;

export class EditSessions {
  readonly locks: LockStore;
  readonly #context: LacunaContext;
  readonly #source: FillSource;
  readonly #changed = new vscode.EventEmitter<void>();
  /** A session began, went a step further, or ended. */
  readonly onChange = this.#changed.event;
  #last: EditSession | undefined;
  #refusal = '';

  constructor(context: LacunaContext, source: FillSource, locks: LockStore) {
    this.#context = context;
    this.#source = source;
    this.locks = locks;
    const { workspace, window } = vscode;
    context.own(this.#changed);
    context.own(
      workspace.onDidChangeTextDocument((event) => {
        if (this.isUpIn(event.document)) {
          this.current?.documentChanged(event.document, changesOf(event));
        }
      }),
    );
    context.own(
      workspace.onDidCloseTextDocument((document) => {
        // A change of language is told as closing and opening too.
        const isGone = !workspace.textDocuments.includes(document);
        if (isGone && this.isUpIn(document)) this.#cancelClosed();
      }),
    );
    context.own(
      window.tabGroups.onDidChangeTabs(({ closed }) => {
        if (closed.length === 0) return;
        const isClosed = this.current?.targets.documents.some((document) => !hasTab(document));
        if (isClosed) this.#cancelClosed();
      }),
    );
    context.own(window.onDidChangeActiveTextEditor(() => this.#setKeys()));
    context.own({ dispose: () => this.current?.end('cancelled') });
  }

  /** The session that is up. */
  get current(): EditSession | undefined {
    return this.#last?.isUp ? this.#last : undefined;
  }
  /** The latest session, up or ended. */
  get last(): EditSession | undefined {
    return this.#last;
  }
  /** Why the latest command started no session; empty if it did. */
  get refusal(): string {
    return this.#refusal;
  }

  /** Ghost text and a proposal would be drawn over each other. */
  isUpIn(document: vscode.TextDocument): boolean {
    return this.current?.targets.documents.includes(document) === true;
  }

  /**
   * Resolves when the first proposal is there, or will not come.
   * @param source where its fills come from; the sampler process, unless said otherwise.
   */
  async start(
    spec: SessionSpec,
    source: Pick<FillSource, 'fill' | 'model'> = this.#source,
  ): Promise<void> {
    this.#refusal = '';
    const versions = spec.documents.map(({ document }) => document.version);
    try {
      for (const { document } of spec.documents) await checkDocument(document, spec.doing);
    } catch (thrown) {
      return this.refuse(thrown);
    }
    // The ranges are those of the text when the command ran.
    const isSame = spec.documents.every(
      ({ document }, index) => document.version === versions[index],
    );
    if (!isSame) return this.say(vscode.l10n.t('the text changed before the proposal began'));
    this.current?.end('rejected');
    const session = new EditSession(spec, {
      source,
      locks: this.locks,
      say: (text) => this.say(text),
      complain: (text) => this.#complain(text),
    });
    this.#last = session;
    session.onChange(() => {
      if (!session.isUp) this.#tellEnd(session);
      this.#announce();
    });
    void vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
    await session.start();
  }

  /** A command that cannot do what it was asked for; its user waits for an answer. */
  refuse(thrown: unknown): void {
    this.#refusal = messageOf(thrown);
    this.#complain(this.#refusal);
  }

  /** Quietly, in the status bar. */
  say(text: string): void {
    void vscode.window.setStatusBarMessage(`$(info) Lacuna: ${text}`, sayMs);
  }

  #complain(text: string): void {
    this.#context.log.warn(text);
    // Not awaited: a command that waits for its own dialog would seem to hang to its caller.
    void vscode.window.showWarningMessage(text).then(undefined, () => {});
  }

  #tellEnd({ state, detail }: EditSession): void {
    if (state === 'failed') this.#complain(detail);
    if (state === 'cancelled' && detail !== '') {
      this.say(vscode.l10n.t('the proposal was dropped: {0}', detail));
    }
  }

  #cancelClosed(): void {
    this.current?.end('cancelled', vscode.l10n.t('its document was closed'));
  }

  #announce(): void {
    this.#setKeys();
    this.#changed.fire();
  }

  /** Only where the proposal is in view: elsewhere the keys keep their own meaning. */
  #setKeys(): void {
    const { current } = this;
    const document = vscode.window.activeTextEditor?.document;
    const isInView =
      document !== undefined && (this.isUpIn(document) || document.uri.scheme === previewScheme);
    setKey('lacuna.editSession', current !== undefined && isInView);
    setKey('lacuna.editSessionReady', current?.state === 'ready' && isInView);
  }
}

const keys = new Map<string, boolean>();

/** Each call crosses to the window, and denoise steps come often. */
function setKey(name: string, value: boolean): void {
  if (keys.get(name) === value) return;
  keys.set(name, value);
  void vscode.commands.executeCommand('setContext', name, value);
}
