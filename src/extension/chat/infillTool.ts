/**
 * The tool `lacuna_infill`, with which agents of VS Code fill several gaps of a text together. Text and
 * answer are the agent's: no file is read and none is written. Its input is checked in spans.ts.
 */
import * as vscode from 'vscode';
import { LacunaError } from '../../protocol/errors';
import type { FillResult, ModelInfo } from '../../protocol/messages';
import type { FillSource } from '../edits/fillSource';
import { signalOf } from './signal';
import { checkInfillWish, infillParams, joinedText, type InfillWish } from './spans';

export const toolName = 'lacuna_infill';
const doing = 'Cannot fill the gaps';

/** What the tool answers, as JSON. */
export interface InfillAnswer {
  /** The whole text with the fills in it. */
  readonly text: string;
  /** In the order of the gaps. */
  readonly fills: readonly { readonly text: string; readonly confidence: number }[];
  readonly model: string;
  readonly steps: number;
  readonly elapsedMs: number;
  readonly note: string;
}

export class InfillTool implements vscode.LanguageModelTool<unknown> {
  readonly #source: Pick<FillSource, 'fill' | 'model'>;

  constructor(source: Pick<FillSource, 'fill' | 'model'>) {
    this.#source = source;
  }

  prepareInvocation(): vscode.PreparedToolInvocation {
    return { invocationMessage: vscode.l10n.t('Filling gaps with Lacuna') };
  }

  /** @throws LacunaError: `badInput` for the agent to mend, or what the sampler process says. */
  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<unknown>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const wish = checkInfillWish(input, doing);
    const signal = signalOf(token);
    const origin = { title: vscode.l10n.t('Chat'), file: '' };
    const model = await this.#source.model(doing, signal);
    const result = await this.#source.fill(infillParams(wish), { origin, signal });
    const text = JSON.stringify(answerOf(wish, model, result), null, 1);
    return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
  }
}

function answerOf(wish: InfillWish, model: ModelInfo, result: FillResult): InfillAnswer {
  const gaps = wish.text.split(wish.mark).length - 1;
  if (result.fills.length !== gaps) {
    const found = `the sampler process filled ${result.fills.length} of ${gaps} gaps`;
    throw new LacunaError('internal', { doing, found, advice: 'Look into the Lacuna log' });
  }
  return {
    text: joinedText(wish, result),
    fills: result.fills.map(({ text, confidence }) => ({ text, confidence })),
    model: model.name,
    steps: result.steps,
    elapsedMs: Math.round(result.elapsedMs),
    // For the agent, so not translated.
    note: 'The fills are guesses of a local model. Check every one before use.',
  };
}
