/**
 * A team's server in the editor: asks once whether text may go there, holds the command that sets its
 * token, and moves the window over when the way to the sampler changes. Until somebody has said yes,
 * and in folders that are not trusted, everything stays on this machine.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { messageOf } from '../l10n';
import { loadModel } from '../sampler';

/** A server that is down at the start, or a network that is not there yet. */
const retryMs = 60_000;

export function activateServer(context: LacunaContext): void {
  const { client, log, servers } = context;
  let retry: NodeJS.Timeout | undefined;
  context.own(servers.onMove(() => void move(context)));
  context.own(servers.onChoice(() => void ask(context)));
  context.own(
    vscode.commands.registerCommand('lacuna.setServerToken', (given?: unknown) =>
      setToken(context, typeof given === 'string' ? given : undefined),
    ),
  );
  context.own(
    client.onStatus(({ state }) => {
      clearTimeout(retry);
      if (state !== 'failed' || servers.address === undefined) return;
      retry = setTimeout(() => void loadModel(context), retryMs);
    }),
  );
  context.own({ dispose: () => clearTimeout(retry) });
  if (servers.address !== undefined) log.info(`text is sent to ${servers.address}`);
  void ask(context);
}

/** Connects anew: to the server, or to a process of this machine. */
async function move(context: LacunaContext): Promise<void> {
  const { client, log, servers } = context;
  log.info(servers.address ? `text is sent to ${servers.address}` : 'all stays on this machine');
  await client.disconnect();
  await loadModel(context);
}

/** Once for each address. */
async function ask({ servers, log }: LacunaContext): Promise<void> {
  const { choice } = servers;
  if (choice.use === 'server') return;
  if (choice.reason === 'wrong') {
    log.error(choice.error.message);
    void vscode.window.showErrorMessage(messageOf(choice.error));
    return;
  }
  if (choice.reason !== 'unanswered') return;
  const send = vscode.l10n.t('Send to This Server');
  const stay = vscode.l10n.t('Stay on This Machine');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t(
      'Lacuna is set to use the server {0}. The code around the cursor, and all that you ask about, will leave this machine and be read there.',
      choice.address,
    ),
    send,
    stay,
  );
  // Closed without an answer: nothing is sent, and the next window asks again.
  if (answer === undefined || servers.choice !== choice) return;
  await servers.consent(choice.address, answer === send);
  if (answer === send && !(await servers.token(choice.address))) {
    await vscode.commands.executeCommand('lacuna.setServerToken');
  }
}

async function setToken(context: LacunaContext, given: string | undefined): Promise<void> {
  const { servers } = context;
  const { choice } = servers;
  if (!('address' in choice)) {
    const open = vscode.l10n.t('Open Settings');
    const text = vscode.l10n.t('No server is set: name one in lacuna.server.url first.');
    if ((await vscode.window.showInformationMessage(text, open)) === open) {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'lacuna.server.url');
    }
    return;
  }
  const { address } = choice;
  const token =
    given ??
    (await vscode.window.showInputBox({
      title: vscode.l10n.t('Lacuna: token of {0}', address),
      prompt: vscode.l10n.t('Kept in the secret store of VS Code. Empty removes it.'),
      password: true,
      ignoreFocusOut: true,
    }));
  if (token === undefined) return;
  await servers.setToken(address, token.trim());
  // Whoever sets a token means to use it: somebody who said no is asked again.
  if (choice.use === 'local' && choice.reason === 'declined' && token.trim() !== '') {
    await servers.consent(address, true);
  }
}
