/**
 * Draws a fill while it is being made: masks as blocks that turn into tokens. Pure: a step in,
 * lines of text out; whether they are redrawn in place or follow one another is
 * screen.ts's business.
 */
import type { FillStep, Part, StepToken } from '../../protocol/messages';
import { printable, surenessOf, type Painter } from './terminal';

const contextLines = 3;

/** Two cells a token, nearly the length of one, so that the line jumps less; one in long gaps. */
function maskBlock(gapTokens: number): string {
  return gapTokens <= 24 ? '░░' : '░';
}

/** The code around every gap as it stands, numbered; far-off lines are left out. */
export function drawCode(parts: readonly Part[], step: FillStep, paint: Painter): string[] {
  const lines: { text: string; hasGap: boolean }[] = [{ text: '', hasGap: false }];
  const write = (text: string, hasGap: boolean, style: (piece: string) => string) => {
    text.split(/\r\n|\r|\n/).forEach((piece, index) => {
      if (index > 0) lines.push({ text: '', hasGap });
      const line = lines.at(-1)!;
      line.text += style(printable(piece));
      line.hasGap ||= hasGap;
    });
  };
  let gap = 0;
  for (const part of parts) {
    if ('text' in part) {
      write(part.text, false, (piece) => piece);
      continue;
    }
    write('', true, (piece) => piece);
    const tokens = step.gaps[gap++] ?? [];
    for (const token of tokens) {
      write(token.text ?? maskBlock(tokens.length), true, (piece) =>
        paintToken(piece, token, paint),
      );
    }
  }
  return numbered(lines, paint);
}

function numbered(
  lines: readonly { readonly text: string; readonly hasGap: boolean }[],
  paint: Painter,
): string[] {
  const gapLines = lines.flatMap(({ hasGap }, index) => (hasGap ? [index] : []));
  const width = String(lines.length).length;
  const drawn: string[] = [];
  let last = -1;
  lines.forEach(({ text, hasGap }, index) => {
    if (!gapLines.some((gapLine) => Math.abs(gapLine - index) <= contextLines)) return;
    if (last >= 0 && index > last + 1) drawn.push(paint(` ${' '.repeat(width)} ⋮`, 'dim'));
    last = index;
    const number = String(index + 1).padStart(width);
    drawn.push(` ${paint(number, hasGap ? 'bold' : 'dim')} ${paint('│', 'dim')} ${text}`.trimEnd());
  });
  return drawn;
}

/** The gaps alone on one line, line breaks as ⏎: for output that is not redrawn. */
export function drawGaps(step: FillStep, paint: Painter): string {
  return step.gaps
    .map((tokens) =>
      tokens
        .map((token) => paintToken(onOneLine(token.text ?? maskBlock(tokens.length)), token, paint))
        .join(''),
    )
    .join(paint(' ┆ ', 'dim'));
}

export const stepTitle = ' step  forwards  masked';

/** One row of the table of steps. */
export function drawRow(step: FillStep, paint: Painter): string {
  const figures = [
    String(step.step).padStart(5),
    String(step.forwards).padStart(9),
    String(step.maskedTokens).padStart(7),
  ];
  return `${paint(figures.join(' '), 'dim')}  ${drawGaps(step, paint)}`.trimEnd();
}

/** `step 3   5 of 12 tokens  ▓▓▓▓▓░░░░░░░` */
export function drawProgress(step: FillStep, paint: Painter): string {
  const written = step.gaps.flat().filter(({ given }) => given !== true);
  const total = written.length;
  const done = total - step.maskedTokens;
  const cells = Math.min(total, 32);
  const full = total === 0 ? 0 : Math.round((cells * done) / total);
  const bar = paint('▓'.repeat(full), 'sure') + paint('░'.repeat(cells - full), 'dim');
  return `${paint(`step ${step.step}`, 'bold')}  ${done} of ${total} tokens  ${bar}`;
}

function onOneLine(text: string): string {
  return printable(text.replace(/\r\n|\r|\n/g, '⏎'));
}

function paintToken(text: string, token: StepToken, paint: Painter): string {
  if (token.text === undefined) return paint(text, 'dim');
  if (token.given === true) return text;
  const sureness = surenessOf(token.confidence ?? 0);
  return token.fresh === true ? paint(text, sureness, 'fresh') : paint(text, sureness);
}
