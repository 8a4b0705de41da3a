/**
 * Text of documents and models as the live view shows it: line ends and invisible characters made
 * visible, far-off lines left out. Pure; that it is text and nothing else is the view's duty.
 */

/** Lines of the document before and after a gap. */
const contextLines = 3;
/** A minified file has lines of a megabyte. */
const mostOfLine = 200;

/** Controls that change how other characters are drawn, or are not drawn at all. */
const invisible =
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/g;

export function visible(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(invisible, (character) => {
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return `⟨U+${code}⟩`;
  });
}

/** A token, its line breaks marked. */
export function visibleToken(text: string): string {
  return visible(text).replaceAll('\n', '⏎\n');
}

/**
 * Given text between two gaps: the lines next to them.
 * @param isFirst nothing stands before it, so its beginning is next to no gap.
 */
export function shortened(text: string, isFirst: boolean, isLast: boolean): string {
  const lines = visible(text)
    .split('\n')
    .map((line, index, all) => shortLine(line, index === all.length - 1 && !isLast));
  const head = isFirst ? 0 : contextLines + 1; // the gap's own line, and those below
  const tail = isLast ? 0 : contextLines + 1;
  if (lines.length <= head + tail + 1) return lines.join('\n');
  const kept = [
    lines.slice(0, head),
    isFirst || isLast ? [] : ['⋮'],
    lines.slice(-tail || lines.length),
  ];
  return kept.flat().join('\n');
}

/** The end of a line that a gap follows, else its beginning. */
function shortLine(line: string, keepsEnd: boolean): string {
  if (line.length <= mostOfLine) return line;
  const cut = keepsEnd ? line.slice(-mostOfLine) : line.slice(0, mostOfLine);
  const whole = cut.toWellFormed();
  return keepsEnd ? `…${whole}` : `${whole}…`;
}
