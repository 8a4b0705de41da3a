/**
 * How a question and what goes along with it become one text: fenced code under a line that says what it
 * is, for conversations; remarks behind the instruction, for code models. Pure.
 */
import type { ContextItem } from './conversation';

const heads = {
  selection: 'Selected in',
  file: 'File',
  symbol: 'The code around the cursor in',
  problems: 'Problems reported in',
};

/** @returns the message of a conversation. */
export function withContext(question: string, context: readonly ContextItem[]): string {
  const blocks = context.map(({ kind, label, languageId, text }) => {
    const head = `${heads[kind]} ${label}:`;
    if (kind === 'problems') return `${head}\n${text}`;
    const fence = fenceFor(text);
    return `${head}\n${fence}${languageId}\n${text}\n${fence}`;
  });
  return [question, ...blocks].join('\n\n');
}

/** A fence that no line of the text can close. */
export function fenceFor(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  return '`'.repeat(Math.max(3, longest + 1));
}

/** An instruction is one comment line to a code model, so problems follow it in short. */
export function instructionWith(question: string, problems: string): string {
  return problems === '' ? question : `${question} (${problems.replaceAll('\n', '; ')})`;
}

/** Control characters that mean nothing in a question; line ends and tabs stay. */
export function withoutControls(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '');
}
