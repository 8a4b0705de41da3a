/** A conversation as a Markdown document, for keeping and for passing on. Pure. */
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
  const along = context.map(({ kind, label, tokens }) => `@${kind} ${label} (${tokens} tokens)`);
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
  const sure = `${Math.round(confidence * 100)} % sure`;
  return `${steps} steps, ${seconds.toFixed(1)} s, ${tokens} tokens, ${device}, ${sure}`;
}
