/**
 * The loaded model in VS Code's own model picker, where VS Code has one and the model was tuned to
 * converse. Nothing depends on it, nor on a sign-in. What is offered is decided in offer.ts; what is asked
 * and handed on in conversing.ts.
 */
import * as vscode from 'vscode';
import type { ChatMessage } from '../../protocol/chatMessages';
import type { ModelInfo } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import type { PanelSource } from '../panel/panelSource';
import { readyModel } from '../sampler';
import { readSampling } from '../settings';
import { chatParams, settledText } from './conversing';
import { offerOf, type Offer } from './offer';
import { signalOf } from './signal';

export const vendor = 'lacuna';

type Information = vscode.LanguageModelChatInformation & { readonly offer: Offer };

export class ChatModelProvider implements vscode.LanguageModelChatProvider<Information> {
  readonly #context: LacunaContext;
  readonly #source: Pick<PanelSource, 'chat' | 'count'>;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeLanguageModelChatInformation = this.#changed.event;
  #standIn: ModelInfo | undefined;
  #known = '';

  constructor(context: LacunaContext, source: Pick<PanelSource, 'chat' | 'count'>) {
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
    return [{ ...offer, family: 'lacuna', version, capabilities, offer }];
  }

  /** Hands on finished blocks of the answer while the next one is being denoised. */
  async provideLanguageModelChatResponse(
    { offer }: Information,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    _options: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const sampling = readSampling(vscode.workspace.getConfiguration('lacuna'));
    const params = chatParams(messages.map(messageOf), offer.maxOutputTokens, sampling);
    let said = 0; // characters
    const say = (text: string) => {
      if (text.length <= said) return;
      progress.report(new vscode.LanguageModelTextPart(text.slice(said)));
      said = text.length;
    };
    const { text, ended } = await this.#source.chat(params, {
      signal: signalOf(token),
      onStep: (step) => say(settledText(step)),
    });
    say(text);
    if (!ended) this.#context.log.info('An answer in the chat ran into its limit');
  }

  async provideTokenCount(
    _model: Information,
    text: string | vscode.LanguageModelChatRequestMessage,
  ): Promise<number> {
    const { counts } = await this.#source.count([typeof text === 'string' ? text : textOf(text)]);
    return counts[0]!;
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

/** Instructions of VS Code's own come under a role that its stable API has no name for. */
function messageOf(message: vscode.LanguageModelChatRequestMessage): ChatMessage {
  const { User, Assistant } = vscode.LanguageModelChatMessageRole;
  const { role } = message;
  const name = role === Assistant ? 'assistant' : role === User ? 'user' : 'system';
  return { role: name, content: textOf(message) };
}

/** Pictures and calls of tools are left out: the model was said to take neither. */
function textOf({ content }: vscode.LanguageModelChatRequestMessage): string {
  return content
    .map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : ''))
    .join('');
}
