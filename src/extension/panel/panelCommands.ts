/**
 * The panel's commands: ask, begin anew, open an earlier conversation, clear, export. Each is a few words
 * to the controller; what can be chosen from is shown here.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { titleOf, type Conversation } from './conversation';
import type { ConversationStore } from './conversationStore';
import { exportMarkdown } from './exportMarkdown';
import type { PanelController } from './panelController';
import { panelViewId } from './panelView';

export interface PanelParts {
  readonly controller: PanelController;
  readonly store: ConversationStore;
  /** Puts the cursor into the question, a text too if given. */
  readonly focus: (text?: string) => void;
}

export function activatePanelCommands(context: LacunaContext, parts: PanelParts): void {
  const { controller, store, focus } = parts;
  const { t } = vscode.l10n;
  context.own(
    vscode.commands.registerCommand('lacuna.askInPanel', async (text?: unknown) => {
      await vscode.commands.executeCommand(`${panelViewId}.focus`);
      focus(typeof text === 'string' ? text : undefined);
    }),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.newConversation', async () => {
      controller.open();
      await vscode.commands.executeCommand(`${panelViewId}.focus`);
      focus();
    }),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.openConversation', async () => {
      const chosen = await choose(await store.all(), store);
      if (!chosen) return;
      controller.open(chosen);
      await vscode.commands.executeCommand(`${panelViewId}.focus`);
    }),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.clearConversation', async () => {
      const { id } = controller.conversation;
      controller.open();
      await store.remove(id);
      void vscode.window.setStatusBarMessage(
        `$(info) Lacuna: ${t('the conversation is gone')}`,
        6000,
      );
    }),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.exportConversation', async () => {
      const content = exportMarkdown(controller.conversation);
      const document = await vscode.workspace.openTextDocument({ content, language: 'markdown' });
      await vscode.window.showTextDocument(document);
    }),
  );
}

interface Entry extends vscode.QuickPickItem {
  readonly conversation: Conversation;
}

/** With a button on each that throws it away. */
function choose(
  all: readonly Conversation[],
  store: ConversationStore,
): Promise<Conversation | undefined> {
  const { t } = vscode.l10n;
  const remove = { iconPath: new vscode.ThemeIcon('trash'), tooltip: t('Remove') };
  const pick = vscode.window.createQuickPick<Entry>();
  pick.title = t('Earlier Conversations');
  pick.placeholder = all.length === 0 ? t('There are none in this workspace') : t('Open one');
  pick.items = all.map((conversation) => ({
    label: titleOf(conversation) || t('(no question)'),
    description: new Date(conversation.changedMs).toLocaleString(vscode.env.language),
    detail: t('{0} questions', conversation.turns.length),
    buttons: [remove],
    conversation,
  }));
  pick.onDidTriggerItemButton(async ({ item }) => {
    await store.remove(item.conversation.id);
    pick.items = pick.items.filter((other) => other !== item);
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.conversation);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined); // after an accept this changes nothing any more
      pick.dispose();
    });
    pick.show();
  });
}
