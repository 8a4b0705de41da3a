/**
 * The instruction panel, where one says what one wants. A table of contents: builds source,
 * store, controller and view, and lets what happens in the window reach them; nothing is decided here.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import type { FromPanel, ToPanel } from '../../protocol/panelMessages';
import { panelWords, type PanelWords } from '../../protocol/panelWords';
import type { LacunaContext } from '../context';
import type { Edits } from '../edits/edits';
import { translated } from '../webview/bundle';
import { useCode } from './codeBlocks';
import { ConversationStore } from './conversationStore';
import { activatePanelCommands } from './panelCommands';
import { PanelController } from './panelController';
import { PanelSource } from './panelSource';
import { PanelView, panelViewId } from './panelView';
import { SurroundingWatch } from './surroundingWatch';

/** The conversation that a window shows again when it is opened again. */
const lastKey = 'lacuna.lastConversation';

/** What the tests look at and speak through. */
export interface Panel {
  readonly source: PanelSource;
  readonly controller: PanelController;
  readonly store: ConversationStore;
  /** As if the page had posted it. */
  receive(message: unknown): void;
  /** Calls `listener` with what the page is told. */
  onPost(listener: (message: ToPanel) => void): vscode.Disposable;
}

export function activatePanel(context: LacunaContext, edits: Edits): Panel {
  const { extension, log, client } = context;
  const { workspaceState, storageUri, globalStorageUri } = extension;
  // A window without a folder has no storage of its own.
  const home = storageUri?.fsPath ?? path.join(globalStorageUri.fsPath, 'noFolder');
  const store = new ConversationStore(path.join(home, 'conversations'));
  const source = new PanelSource(context, edits.source);
  let remembered = '';
  const remember = () => {
    const { id } = controller.conversation;
    if (id !== remembered) void workspaceState.update(lastKey, id);
    remembered = id;
    const isHeld = controller.conversation.turns.length > 0;
    void vscode.commands.executeCommand('setContext', 'lacuna.conversationHeld', isHeld);
  };
  const posted = context.own(new vscode.EventEmitter<ToPanel>());
  const warn = (text: string) => log.warn(text);
  const post = (message: ToPanel) => {
    posted.fire(message);
    if (message.type === 'state') remember();
    view.post(message);
  };
  const controller = new PanelController({
    ...{ source, store, post, warn },
    now: () => Date.now(),
    words: translated<PanelWords>(panelWords),
  });
  const watch = context.own(new SurroundingWatch(source, post));
  /** Asked for before the page listened. */
  let focus: { readonly text?: string } | undefined;
  let isListening = false;
  const view: PanelView = new PanelView({
    extension,
    warn,
    onVisible: (isVisible) => {
      isListening &&= isVisible;
      watch.setActive(isVisible);
    },
    onMessage: (message) => void take(message),
  });
  const take = async (message: FromPanel) => {
    switch (message.type) {
      case 'ready':
        isListening = true;
        controller.tellAll();
        watch.tell();
        if (focus) post({ type: 'focus', ...focus });
        focus = undefined;
        return;
      case 'send':
        return controller.send(message.text, message.chips);
      case 'edit':
        return controller.send(message.text, message.chips, message.turn);
      case 'preview':
        return controller.preview(message.text, message.chips);
      case 'stop':
        return controller.stop();
      case 'regenerate':
        return controller.regenerate(message.turn, message.strength);
      case 'code':
        return useBlock(message);
      case 'openLink':
        return void (await vscode.env.openExternal(vscode.Uri.parse(message.url, true)));
      case 'command':
        return void (await vscode.commands.executeCommand(commandIds[message.command]));
    }
  };
  const useBlock = async ({ action, text, languageId, turn }: FromPanel & { type: 'code' }) => {
    const answer = controller.conversation.turns.find(({ id }) => id === turn)?.answer;
    const hasHoles = answer?.hasHoles === true;
    try {
      const done = await useCode(action, { text, languageId, hasHoles }, edits);
      if (done !== '') post({ type: 'say', text: done });
    } catch (thrown) {
      edits.sessions.refuse(thrown);
    }
  };

  context.own(
    vscode.window.registerWebviewViewProvider(panelViewId, view, {
      webviewOptions: { retainContextWhenHidden: false },
    }),
  );
  context.own(
    client.onStatus(() => {
      // Another model counts other tokens.
      if (isListening && controller.tellModel()) watch.tell();
    }),
  );
  context.own({ dispose: () => controller.dispose() });
  activatePanelCommands(context, {
    controller,
    store,
    focus: (text) => {
      const wish = text === undefined ? {} : { text };
      if (isListening) post({ type: 'focus', ...wish });
      else focus = wish;
    },
  });
  void (async () => {
    const last = workspaceState.get<string>(lastKey);
    const conversation = last === undefined ? undefined : await store.read(last);
    if (conversation && controller.conversation.turns.length === 0) controller.open(conversation);
  })();
  return {
    ...{ source, controller, store },
    receive: (message) => view.receive(message),
    onPost: posted.event,
  };
}

const commandIds = {
  restart: 'lacuna.restartSampler',
  showLog: 'lacuna.showLog',
  chooseModel: 'lacuna.chooseModel',
} as const;
