/**
 * Draws how sure a model is of text: each line with how likely its tokens are on average, beneath it
 * the least likely ones with what the model would rather have. Pure: scores in, lines of text out.
 */
import type { ScoredToken } from '../../protocol/messages';
import { printable, surenessOf, type Painter } from './terminal';

/** A token less likely than this is worth a line of its own; so many of a line of code, at most. */
const doubtful = 0.5;
const mostDoubts = 3;
const alternativesShown = 3;

/** @param tokens ranges in `text`, ascending. */
export function drawScores(text: string, tokens: readonly ScoredToken[], paint: Painter): string[] {
  const drawn: string[] = [];
  const lines = linesOf(text);
  const width = String(lines.length).length;
  let next = 0;
  for (const [index, { start, end, past }] of lines.entries()) {
    const own: ScoredToken[] = [];
    while (next < tokens.length && tokens[next]!.start < past) own.push(tokens[next++]!);
    if (own.length === 0) continue;
    const mean = own.reduce((sum, { probability }) => sum + probability, 0) / own.length;
    const figures = `${String(index + 1).padStart(width)} ${percent(mean).padStart(5)}`;
    const margin = ` ${paint(figures, 'dim')} ${paint('│', 'dim')} `;
    drawn.push(`${margin}${paintedLine(text, start, end, own, paint)}`.trimEnd());
    const indent = ' '.repeat(figures.length + 1) + ` ${paint('│', 'dim')} `;
    for (const token of doubtsOf(own)) {
      drawn.push(`${indent}${paint(doubtLine(text, start, end, token), 'unsure')}`);
    }
  }
  return drawn;
}

function linesOf(text: string): { start: number; end: number; past: number }[] {
  const lines: { start: number; end: number; past: number }[] = [];
  let start = 0;
  for (const { index, 0: lineEnd } of text.matchAll(/\r\n|\r|\n/g)) {
    lines.push({ start, end: index, past: index + lineEnd.length });
    start = index + lineEnd.length;
  }
  return [...lines, { start, end: text.length, past: Infinity }];
}

/** The line's tokens coloured by how likely they are; what was not scored stays plain. */
function paintedLine(
  text: string,
  start: number,
  end: number,
  tokens: readonly ScoredToken[],
  paint: Painter,
): string {
  let line = '';
  let done = start;
  for (const token of tokens) {
    if (token.start >= end) break;
    const past = Math.min(token.end, end);
    line += printable(text.slice(done, token.start));
    line += paint(printable(text.slice(token.start, past)), surenessOf(token.probability));
    done = past;
  }
  return line + printable(text.slice(done, end));
}

/** The least likely tokens of a line, in its order. */
function doubtsOf(tokens: readonly ScoredToken[]): ScoredToken[] {
  return tokens
    .filter(({ probability }) => probability < doubtful)
    .sort((a, b) => a.probability - b.probability)
    .slice(0, mostDoubts)
    .sort((a, b) => a.start - b.start);
}

/** `    ^^^^ 3 %, rather "size" 61 %, "width" 9 %` under the token. */
function doubtLine(text: string, start: number, end: number, token: ScoredToken): string {
  const column = printable(text.slice(start, Math.min(token.start, end))).length;
  const shown = printable(text.slice(token.start, Math.min(token.end, end)));
  const others = token.alternatives
    .slice(0, alternativesShown)
    .map((other) => `${quoted(other.text)} ${percent(other.probability)}`);
  const rather = others.length === 0 ? '' : `, rather ${others.join(', ')}`;
  const mark = '^'.repeat(Math.max(1, shown.length));
  return `${' '.repeat(column)}${mark} ${percent(token.probability)}${rather}`;
}

/** Escaped, so that spaces and line breaks can be told apart. */
function quoted(text: string): string {
  return printable(JSON.stringify(text));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
