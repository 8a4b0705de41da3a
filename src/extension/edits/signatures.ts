/**
 * Finds the heads of functions and classes: from the start of the line to the brace, colon or arrow
 * that opens the body. Told by the look of a line in the common languages, not by a parser: a head that
 * is missed is one lock fewer, and a statement such as `if (...) {` is never one.
 */
import type { TextRange } from '../../protocol/messages';

const indent = '^[ \\t]*';
const modifiers =
  '(?:(?:export|default|public|private|protected|internal|static|async|override|abstract|final|open|suspend|inline|virtual|const|unsafe|extern|pub(?:\\([^)\\n]*\\))?)[ \\t]+)*';
/** Words that take round brackets and a block without being functions. */
const noFunction =
  '(?!(?:if|for|foreach|while|switch|catch|with|else|elif|return|do|try|using|lock|synchronized|when|match|new|throw|await|yield)\\b)';

const heads: readonly RegExp[] = [
  // def f(…), class A, function f(…), fn f(…), func f(…)
  new RegExp(
    `${indent}${modifiers}(?:def|class|function\\*?|fn|func|fun|sub|proc)\\b[^\\n]*`,
    'gm',
  ),
  // const f = (…) =>
  new RegExp(
    `${indent}${modifiers}(?:const|let|var)[ \\t]+[\\w$]+[^=\\n]*=[ \\t]*(?:async[ \\t]*)?(?:\\([^\\n]*|[\\w$]+[ \\t]*)=>`,
    'gm',
  ),
  // area(…) {, int area(…) {, public static <T> T area(…) throws E {
  new RegExp(
    `${indent}${noFunction}${modifiers}(?:[\\w:<>,*&\\[\\]?.$]+[ \\t]+)*[*&]?[\\w$:~#]+[ \\t]*(?:<[^>\\n]*>)?\\([^;\\n]*\\)[^;=()\\n]*\\{[ \\t]*\\r?$`,
    'gm',
  ),
];

/** In the order of the text; without the indentation before them. */
export function findSignatures(text: string): TextRange[] {
  const found = heads.flatMap((head) =>
    [...text.matchAll(head)].map(({ index, 0: line }) => {
      const start = index + line.length - line.trimStart().length;
      return { start, end: headEnd(text, start) };
    }),
  );
  return found
    .toSorted((a, b) => a.start - b.start)
    .filter(({ start }, index, all) => start !== all[index - 1]?.start);
}

/** Behind what opens the body, else the end of the line on which all round brackets are closed. */
function headEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at]!;
    if ('(['.includes(character)) depth++;
    else if (')]'.includes(character)) depth--;
    if (depth > 0) continue;
    if (character === '{') return at + 1;
    if (character === '=' && text[at + 1] === '>') return at + 2;
    if (character === ':' && /^[ \t]*(#.*)?\r?$/m.test(restOfLine(text, at + 1))) return at + 1;
    if (character === '\n' || character === '\r') return at;
  }
  return text.length;
}

function restOfLine(text: string, from: number): string {
  return /^[^\n]*/.exec(text.slice(from, from + 1000))![0];
}
