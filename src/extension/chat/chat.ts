/**
 * Lacuna in VS Code's own chat, an extra where there is one: a tool for agents, a participant, and the
 * model itself where it is one to talk to. Each is looked for before it is used, and a refusal of VS
 * Code's costs no more than that extra. A table of contents.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import type { FillSource } from '../edits/fillSource';
import type { PanelSource } from '../panel/panelSource';
import { ChatModelProvider, vendor } from './chatModel';
import { InfillTool, toolName } from './infillTool';
import { answerChat, participantId } from './participant';

export interface Chat {
  readonly model: ChatModelProvider;
}

export function activateChat(
  context: LacunaContext,
  source: FillSource,
  conversations: PanelSource,
): Chat {
  const model = new ChatModelProvider(context, conversations);
  const extra = (name: string, isThere: boolean, register: () => vscode.Disposable) => {
    if (!isThere) return context.log.debug(`this VS Code has no ${name}`);
    try {
      context.own(register());
    } catch (error) {
      context.log.info(`VS Code refused the ${name}: ${String(error)}`);
    }
  };
  // Types say that all of it is there; forks of VS Code and builds without a chat disagree.
  const lm = vscode.lm as Partial<typeof vscode.lm> | undefined;
  const chat = vscode.chat as Partial<typeof vscode.chat> | undefined;
  extra('language model tools', typeof lm?.registerTool === 'function', () =>
    vscode.lm.registerTool(toolName, new InfillTool(source)),
  );
  extra(
    'language model providers',
    typeof lm?.registerLanguageModelChatProvider === 'function',
    () => vscode.lm.registerLanguageModelChatProvider(vendor, model),
  );
  extra('chat participants', typeof chat?.createChatParticipant === 'function', () => {
    const participant = vscode.chat.createChatParticipant(
      participantId,
      (request, _chat, stream, token) => answerChat(source, request, stream, token),
    );
    participant.iconPath = vscode.Uri.joinPath(context.extension.extensionUri, 'media/icon.png');
    return participant;
  });
  return { model };
}
