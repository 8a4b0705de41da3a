/**
 * Whether a question fits the model, and what of it would be read: told before anything is asked. Knows
 * no conversation and no editor.
 */
import * as vscode from 'vscode';
import type { PreviewParams } from '../../protocol/chatMessages';
import { LacunaError } from '../../protocol/errors';
import type { ToPanel } from '../../protocol/panelMessages';
import type { PanelSource } from './panelSource';
import { doing } from './prepare';
import type { Request } from './question';

/** @throws LacunaError with the counts of what is too long. */
export async function checkRoom(
  text: string,
  request: Request,
  source: PanelSource,
): Promise<void> {
  if (request.kind === 'code') {
    const { counts, maxTokens } = await source.count([request.params.instruction ?? '']);
    const [tokens = 0] = counts;
    // A model without instructions gets them as a comment, which would be cut in silence.
    if (tokens > maxTokens / 2) {
      const { t } = vscode.l10n;
      throw new LacunaError('contextTooLong', {
        doing,
        found: t(
          'the question has {0} characters ({1} tokens), and the model holds {2} tokens, half of them for a question',
          amount(text.length),
          amount(tokens),
          amount(maxTokens),
        ),
        advice: t('Shorten it; nothing of it is lost'),
      });
    }
  }
  await source.preview(previewOf(request));
}

/** What exactly would be read. */
export async function previewMessage(request: Request, source: PanelSource): Promise<ToPanel> {
  const { pieces, tokens, maxTokens, leftOut, leftOutMessages } = await source.preview(
    previewOf(request),
  );
  const note = leftOutNote(leftOut.before + leftOut.after, leftOutMessages);
  return { type: 'preview', pieces, tokens, maxTokens, note };
}

function previewOf(request: Request): PreviewParams {
  return request.kind === 'code' ? { fill: request.params } : { chat: request.params };
}

function leftOutNote(tokens: number, messages: number): string {
  const { t } = vscode.l10n;
  if (messages > 0) return t('{0} earlier messages are not sent', messages);
  return tokens > 0 ? t('{0} tokens of the surroundings do not fit', amount(tokens)) : '';
}

function amount(count: number): string {
  return count.toLocaleString(vscode.env.language);
}
