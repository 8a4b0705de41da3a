/**
 * The loaded model in VS Code's own model picker, where VS Code has one and the model is one to talk to.
 * Nothing depends on it, nor on a sign-in. What is offered is decided in offer.ts.
 */
import * as vscode from 'vscode';
import type { ModelInfo } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import type { FillSource } from '../edits/fillSource';
import { readyModel } from '../sampler';
import { fenced } from './question';
import { chatParams, estimatedTokens, offerOf, type Offer } from './offer';
import { joinedText } from './spans';
import { signalOf } from './signal';

export const vendor = 'lacuna';

type Information = vscode.LanguageModelChatInformation & { readonly offer: Offer };

export class ChatModelProvider implements vscode.LanguageModelChatProvider<Information> {
  readonly #context: LacunaContext;
  readonly #source: Pick<FillSource, 'fill'>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeLanguageModelChatInformation = this.#changed.event;
  #standIn: ModelInfo | undefined;
  #known = '';

  constructor(context: LacunaContext, source: Pick<FillSource, 'fill'>) {
    this.#context = context;
    this.#source = source;
    context.own(this.#changed);
    context.own(context.client.onStatus(() => this.#tell()));
  }

  /** Test seam: `undefined` puts the loaded model back. */
  useModel(standIn: ModelInfo | undefined): void {
    this.#standIn = standIn;
    this.#tell();
  }

  provideLanguageModelChatInformation({ silent }: { readonly silent: boolean }): Information[] {
    const offer = offerOf(this.#model);
    if ('reason' in offer) {
      this.#context.log.debug(`no chat model: ${offer.reason}`);
      if (!silent) {
        const text = vscode.l10n.t('Lacuna offers no model to chat with: {0}.', offer.reason);
        void vscode.window.showInformationMessage(text).then(undefined, () => {});
      }
      return [];
    }
    const { version } = this.#context.extension.extension.packageJSON as { version: string };
    const capabilities = { imageInput: false, toolCalling: false };
    return [{ ...offer, family: 'lacuna-infill', version, capabilities, offer }];
  }

  async provideLanguageModelChatResponse(
    { offer }: Information,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    _options: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const { params, wish } = chatParams(lastOfUser(messages), offer);
    const origin = { title: vscode.l10n.t('Chat'), file: '' };
    const result = await this.#source.fill(params, { origin, signal: signalOf(token) });
    const text = wish
      ? fenced(joinedText(wish, result), wish.languageId)
      : result.fills.map((fill) => fill.text).join('');
    progress.report(new vscode.LanguageModelTextPart(text));
  }

  async provideTokenCount(
    _model: Information,
    text: string | vscode.LanguageModelChatRequestMessage,
  ): Promise<number> {
    return estimatedTokens(typeof text === 'string' ? text : textOf(text));
  }

  get #model(): ModelInfo | undefined {
    return this.#standIn ?? readyModel(this.#context.client.status);
  }

  #tell(): void {
    const now = JSON.stringify(offerOf(this.#model));
    if (now !== this.#known) this.#changed.fire();
    this.#known = now;
  }
}

function lastOfUser(messages: readonly vscode.LanguageModelChatRequestMessage[]): string {
  const last = messages.findLast(({ role }) => role === vscode.LanguageModelChatMessageRole.User);
  return last ? textOf(last) : '';
}

function textOf({ content }: vscode.LanguageModelChatRequestMessage): string {
  return content
    .map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ''))
    .join('');
}
