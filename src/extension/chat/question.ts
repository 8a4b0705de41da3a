/**
 * What somebody wrote in a chat, as far as Lacuna can do something with it: code with marked gaps, from a
 * code block, from the words themselves or from what was attached, and the words around it as the
 * instruction. Pure.
 */
import { defaultMark, type InfillWish } from './spans';

export interface Code {
  readonly text: string;
  readonly languageId?: string;
}
export interface Question extends Code {
  readonly instruction?: string;
}

/** The usual names of code blocks that are no language ids. */
const ids: Readonly<Record<string, string>> = {
  ts: 'typescript',
  tsx: 'typescriptreact',
  js: 'javascript',
  jsx: 'javascriptreact',
  py: 'python',
  sh: 'shellscript',
  bash: 'shellscript',
  'c++': 'cpp',
  cs: 'csharp',
  rs: 'rust',
  rb: 'ruby',
  yml: 'yaml',
};

/** Undefined: nothing is marked anywhere. */
export function readQuestion(prompt: string, attached: readonly Code[] = []): Question | undefined {
  const block = blocksOf(prompt).find(({ text }) => text.includes(defaultMark));
  if (block) return withInstruction(block, prompt.replace(block.whole, ' '));
  if (prompt.includes(defaultMark)) return { text: prompt };
  const code = attached.find(({ text }) => text.includes(defaultMark));
  return code && withInstruction(code, prompt);
}

export function wishOf(question: Question): InfillWish {
  return { ...question, mark: defaultMark };
}

/** A code block whose fence no line of the text closes. */
export function fenced(text: string, languageId = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${languageId}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}\n`;
}

interface Block extends Code {
  readonly whole: string;
}

function blocksOf(prompt: string): Block[] {
  const pattern = /^(`{3,}|~{3,})[ \t]*([\w+#-]*)[^\n]*\n([^]*?)^\1[`~]*[ \t]*$/gm;
  return [...prompt.matchAll(pattern)].map(([whole, , name = '', text = '']) => {
    const id = ids[name.toLowerCase()] ?? name.toLowerCase();
    return { whole, text, ...(id !== '' && { languageId: id }) };
  });
}

function withInstruction({ text, languageId }: Code, words: string): Question {
  const instruction = words.replace(/\s+/g, ' ').trim();
  return {
    text,
    ...(languageId !== undefined && { languageId }),
    ...(instruction !== '' && { instruction }),
  };
}
