/**
 * `@lacuna` in VS Code's chat: fills the gaps that are marked in the code it is given, and says plainly
 * that it can do nothing else. What is attached passes the same gate as every other text.
 */
import * as vscode from 'vscode';
import { isAbort } from '../../protocol/errors';
import type { FillSource } from '../edits/fillSource';
import { fileRefusal } from '../disabledFiles';
import { readInlineSettings } from '../settings';
import { explainSilence } from '../silence';
import { fenced, readQuestion, wishOf, type Code } from './question';
import { checkInfillWish, defaultMark, infillParams, joinedText } from './spans';
import { signalOf } from './signal';
import { later, messageOf } from '../l10n';

export const participantId = 'lacuna.infill';
const doing = later('Cannot fill the gaps');

/** What of a chat request is looked at; the tests make one of their own. */
export type Asked = Pick<vscode.ChatRequest, 'prompt' | 'references'>;
export type Answering = Pick<vscode.ChatResponseStream, 'markdown' | 'progress'>;

export async function answerChat(
  source: Pick<FillSource, 'fill' | 'model'>,
  { prompt, references }: Asked,
  stream: Answering,
  token: vscode.CancellationToken,
): Promise<void> {
  const attached: Code[] = [];
  for (const { value } of references) {
    const code = await codeOf(value);
    if (typeof code === 'string') stream.markdown(`${code}\n\n`);
    else if (code) attached.push(code);
  }
  const question = readQuestion(prompt, attached);
  if (!question) return stream.markdown(help());
  const signal = signalOf(token);
  try {
    const wish = checkInfillWish(wishOf(question), doing);
    stream.progress(vscode.l10n.t('Denoising'));
    const model = await source.model(doing, signal);
    const origin = { title: vscode.l10n.t('Chat'), file: '' };
    const result = await source.fill(infillParams(wish), { origin, signal });
    stream.markdown(`${fenced(joinedText(wish, result), wish.languageId)}\n`);
    const figures = result.fills.map(({ confidence }) => `${Math.round(confidence * 100)} %`);
    const ms = Math.round(result.elapsedMs);
    const facts = vscode.l10n.t(
      '{0}, {1} ms, confidence of the gaps: {2}',
      model.name,
      ms,
      figures.join(', '),
    );
    stream.markdown(`${facts}\n`);
  } catch (thrown) {
    if (isAbort(thrown) || token.isCancellationRequested) return;
    stream.markdown(messageOf(thrown));
  }
}

function help(): string {
  const words = vscode.l10n.t(
    'Lacuna fills gaps; it does not hold conversations. Put {0} wherever something is missing in a piece of code, say around it in a sentence what it should do, and all gaps are filled together on your machine. For example:',
    `\`${defaultMark}\``,
  );
  return `${words}\n\n${fenced(`function area(width, height) {\n  return ${defaultMark};\n}`, 'js')}`;
}

/** Code of an attachment, or the words why it is not read; undefined for what is no text. */
async function codeOf(value: unknown): Promise<Code | string | undefined> {
  if (typeof value === 'string') return { text: value };
  const uri = value instanceof vscode.Location ? value.uri : value;
  if (!(uri instanceof vscode.Uri)) return undefined;
  const name = uri.path.split('/').at(-1) ?? '';
  try {
    const document = await vscode.workspace.openTextDocument(uri);
    const refusal = fileRefusal(document, readInlineSettings(document).disabledFiles);
    if (refusal) return vscode.l10n.t('{0} is not read: {1}.', name, explainSilence(refusal));
    const range = value instanceof vscode.Location ? value.range : undefined;
    return { text: document.getText(range), languageId: document.languageId };
  } catch (error) {
    return vscode.l10n.t('{0} cannot be read: {1}', name, String(error));
  }
}
