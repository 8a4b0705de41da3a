/**
 * Where the cursor stands after the next Enter, as far as that can be told from the text: on a line of its
 * own, indented like the line before, or deeper behind what opens a block. A guess; nothing is lost where
 * it is wrong. Pure text.
 */
import type { Indentation } from './ghostText/indentation';
import type { Surroundings } from './surroundings';

/**
 * @param lineEnd of the document.
 * @returns undefined where text follows on the line: nobody presses Enter there to go on.
 */
export function afterEnter(
  around: Surroundings,
  { insertSpaces, tabSize }: Indentation,
  lineEnd: string,
): Surroundings | undefined {
  const { lineBefore, restOfLine, prefix } = around;
  if (restOfLine.trim() !== '' || lineBefore.trim() === '') return undefined;
  const own = /^[ \t]*/.exec(lineBefore)![0];
  const opensBlock = /([{([:]|=>)\s*$/.test(lineBefore);
  const next = own + (opensBlock ? (insertSpaces ? ' '.repeat(tabSize) : '\t') : '');
  const typed = lineEnd + next;
  return {
    ...around,
    prefix: prefix + typed,
    offset: around.offset + typed.length,
    documentLength: around.documentLength + typed.length,
    lineBefore: next,
    restOfLine,
  };
}
