/**
 * Finds the marks in a text that stand for something to be filled, such as `<fill>`. A mark that is
 * a line comment, such as `# fill`, counts only at the end of its line, so that "# fill the table"
 * stays the sentence that it is. Pure text; which marks there are is a setting.
 */
import type { TextRange } from '../../protocol/messages';

/** In the order of the text, disjoint; of two marks at one place the longer one. */
export function findHoleMarks(text: string, marks: readonly string[]): TextRange[] {
  const wanted = marks.filter((mark) => mark.trim() !== '');
  if (wanted.length === 0) return [];
  const longestFirst = wanted.toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(patternOf).join('|'), 'gm');
  return [...text.matchAll(pattern)].map(({ index, 0: mark }) => ({
    start: index,
    end: index + mark.length,
  }));
}

function patternOf(mark: string): string {
  const exact = mark.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const start = /^\w/.test(mark) ? '\\b' : '';
  const word = /\w$/.test(mark) ? '\\b' : '';
  const isLineComment = word !== '' && /^(#|\/\/|--|;|%)/.test(mark);
  return start + exact + (isLineComment ? '(?=[ \\t]*\\r?$)' : word);
}
