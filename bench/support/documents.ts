/**
 * Where generated text goes in documents that people write the rest of. Text in, text out.
 */

const begin = '<!-- figures: made by "node bench/run.mjs publish" -->';
const end = '<!-- end of figures -->';

/** @throws where the page has not both marks, in their order. */
export function betweenMarks(page: string, figures: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from)
    throw new Error(`Cannot put figures in: the page needs ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${figures.trim()}\n\n${page.slice(to)}`;
}

/** In front of the first entry, or in place of the one with the same heading. Headings begin with `## `. */
export function onTop(history: string, heading: string, entry: string): string {
  const without = withoutEntry(history, heading);
  const first = without.indexOf('\n## ');
  const at = first === -1 ? without.length : first + 1;
  return `${without.slice(0, at)}${entry.trimEnd()}\n\n${without.slice(at)}`;
}

function withoutEntry(history: string, heading: string): string {
  const from = history.indexOf(`${heading}\n`);
  if (from === -1) return history;
  const next = history.indexOf('\n## ', from + heading.length);
  return history.slice(0, from) + (next === -1 ? '' : history.slice(next + 1));
}
