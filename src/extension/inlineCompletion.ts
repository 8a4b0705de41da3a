/**
 * Ghost text: VS Code asks at a cursor, this answers with one completion or, with a recorded reason,
 * none. Order of the parts: refuse what needs no text, read the surroundings, look for an earlier
 * fill, wait for the next key, ask the sampler, polish. Uses the stable API only: one proposed member on
 * the provider makes VS Code refuse the registration, and with it the whole extension.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from './context';
import { GhostTextRequest } from './ghostTextRequest';
import { GhostTextSource } from './ghostTextSource';
import { explainSilence } from './silence';

const acceptedCommand = 'lacuna.internal.accepted'; // the stable way to hear of an acceptance

/** Where code is written. Left out: commit messages, output, chat input, search, diffs of git. */
const selector: vscode.DocumentSelector = [
  'file',
  'untitled',
  'vscode-remote',
  'vscode-vfs',
  'vscode-notebook-cell',
].map((scheme) => ({ scheme }));

/** @param hasProposal whether a proposal is being shown in a document. */
export function activateInlineCompletion(
  context: LacunaContext,
  hasProposal: (document: vscode.TextDocument) => boolean,
): void {
  const { requests } = context;
  const source = new GhostTextSource(context, hasProposal);
  context.own(
    vscode.languages.registerInlineCompletionItemProvider(selector, {
      async provideInlineCompletionItems(document, position, { triggerKind, ...info }, token) {
        const automatic = triggerKind === vscode.InlineCompletionTriggerKind.Automatic;
        const selected = info.selectedCompletionInfo;
        const request = new GhostTextRequest({ document, position, automatic, selected, token });
        await source.answer(request);
        requests.add(request.record(), request.sent);
        context.log.debug(`request: ${JSON.stringify(request.record())}`);
        if (request.completion) return [item(request)];
        tellInvoker(request);
        return [];
      },
    }),
  );
  context.own(source);
  context.own(
    vscode.commands.registerCommand(acceptedCommand, () => {
      source.accept();
      requests.accept();
    }),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.dismissGhostText', () => {
      source.settle();
      return vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
    }),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.fillAtCursor', () =>
      vscode.commands.executeCommand('editor.action.inlineSuggest.trigger'),
    ),
  );
}

/** With a selected suggestion, VS Code shows only what starts with that and replaces its range. */
function item({ completion, position, selected }: GhostTextRequest): vscode.InlineCompletionItem {
  const { text, replacedAfter } = completion!;
  const start = selected?.range.start ?? position;
  return new vscode.InlineCompletionItem(
    (selected?.text ?? '') + text,
    new vscode.Range(start, position.translate(0, replacedAfter)),
    { command: acceptedCommand, title: 'Lacuna' },
  );
}

/** Who pressed a key wants an answer; who only types does not. */
function tellInvoker({ automatic, silence, detail }: GhostTextRequest): void {
  if (automatic || !silence || silence === 'superseded') return;
  const why = detail ?? explainSilence(silence);
  void vscode.window.setStatusBarMessage(`$(info) Lacuna: ${why}`, 6000);
}
