/**
 * Writes a fill's indentation the way the editor does: tabs or spaces, as its options say. The
 * width in columns stays what the model chose; nothing is rounded, since an odd width may be an
 * alignment. The first line continues the document's line and is touched only where that is blank.
 */

export interface Indentation {
  readonly insertSpaces: boolean;
  readonly tabSize: number; // columns
}

export function withEditorIndentation(
  fill: string,
  lineBefore: string,
  indentation: Indentation,
): string {
  return fill
    .split('\n')
    .map((line, index) => {
      if (index > 0) return reindent(line, '', indentation);
      return lineBefore.trim() === '' ? reindent(line, lineBefore, indentation) : line;
    })
    .join('\n');
}

/** `given` is the white space already in the document left of the line; it keeps its place. */
function reindent(line: string, given: string, { insertSpaces, tabSize }: Indentation): string {
  const blanks = /^[ \t]*/.exec(line)![0];
  if (blanks === '') return line;
  const from = columns(given, 0, tabSize);
  const to = columns(blanks, from, tabSize);
  const text = line.slice(blanks.length);
  if (insertSpaces) return ' '.repeat(to - from) + text;
  // Spaces already in the document cannot be turned into tabs from here.
  if (given.includes(' ')) return line;
  const tabs = Math.floor(to / tabSize) - Math.floor(from / tabSize);
  return '\t'.repeat(tabs) + ' '.repeat(to % tabSize) + text;
}

function columns(blanks: string, from: number, tabSize: number): number {
  let column = from;
  for (const blank of blanks) column += blank === '\t' ? tabSize - (column % tabSize) : 1;
  return column;
}
