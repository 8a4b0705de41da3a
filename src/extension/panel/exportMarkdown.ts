/** A conversation as a Markdown document, for keeping and for passing on. Pure. */
import { t } from '../l10n';
import { fenceFor } from './contextText';
import { titleOf, type Conversation, type Turn } from './conversation';

export function exportMarkdown(conversation: Conversation): string {
  const title = titleOf(conversation).replace(/[\\`*_[\]<>#]/g, '\\$&');
  return [`# ${title}`, ...conversation.turns.map(exportTurn)].join('\n\n') + '\n';
}

function exportTurn({ question, context, place, answer }: Turn): string {
  const asked = question
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
  const along = context.map(({ kind, label, tokens }) =>
    t('@{0} {1} ({2} tokens)', kind, label, tokens),
  );
  const facts = [...along, ...(place === '' ? [] : [place])];
  const fence = fenceFor(answer.text);
  const text =
    answer.kind === 'code'
      ? `${fence}${answer.languageId}\n${answer.text}\n${fence}`
      : answer.text.trim();
  return [
    asked,
    ...(facts.length > 0 ? [`*${facts.join(', ')}*`] : []),
    ...(answer.text === '' ? [] : [text]),
    ...(answer.reason === '' ? [] : [`*${answer.reason}*`]),
    ...(answer.figures ? [`*${figuresLine(answer.figures)}*`] : []),
  ].join('\n\n');
}

function figuresLine({
  steps,
  seconds,
  tokens,
  device,
  confidence,
}: NonNullable<Turn['answer']['figures']>) {
  const percent = Math.round(confidence * 100);
  return t(
    '{0} steps, {1} s, {2} tokens, {3}, {4} % sure',
    ...[steps, seconds.toFixed(1), tokens, device, percent],
  );
}
