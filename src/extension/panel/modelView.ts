/**
 * What the panel says about the model: which of the two kinds it is, and what to expect of it. Plain words;
 * decides nothing else.
 */
import * as vscode from 'vscode';
import type { ModelInfo } from '../../protocol/messages';
import type { PanelModelView } from '../../protocol/panelMessages';

/** Models that were tuned to converse do; all others fill. */
export function modeOf({ chat }: ModelInfo): 'code' | 'conversation' {
  return chat === undefined ? 'code' : 'conversation';
}

/** @param whyNone empty while a model is being loaded. */
export function modelView(model: ModelInfo | undefined, whyNone: string): PanelModelView {
  const { t } = vscode.l10n;
  if (!model) {
    const note = whyNone === '' ? t('The model is being loaded.') : sentence(whyNone);
    return { name: '', device: '', mode: 'none', note };
  }
  return { name: model.name, device: model.device, mode: modeOf(model), note: noteOn(model) };
}

function noteOn({ chat, followsInstructions }: ModelInfo): string {
  const { t } = vscode.l10n;
  if (chat === 'template') return t('This model answers in a conversation.');
  if (chat === 'sep')
    return t('This model reads one question at a time: earlier ones are not sent.');
  const kind = t('This model answers with code for the place at the cursor, not with prose.');
  if (followsInstructions) return kind;
  return `${kind} ${t('It was not trained to follow instructions and may not heed them.')}`;
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
