/**
 * A fill as it is drawn on one line: runs of tokens that look alike, cut at the first line end and at a
 * width, and how many lines are left over. VS Code draws extra text on existing lines only, so a longer
 * fill shows its beginning here and the whole in a diff. Pure; colours are the preview's business.
 */
import type { Fill, StepToken } from '../../protocol/messages';

export type PieceKind = 'mask' | 'fresh' | 'committed' | 'given';

export interface Piece {
  readonly kind: PieceKind;
  readonly text: string;
}
export interface DrawnFill {
  readonly pieces: readonly Piece[];
  readonly moreLines: number;
}

export const maskSign = '▒';
/** Wider than any line that is read at a glance; each piece is an element of the page. */
const widest = 120; // characters
export const mostPieces = 24;
const cut = '…';

/** A gap in the middle of denoising. */
export function drawStep(tokens: readonly StepToken[]): DrawnFill {
  return draw(
    tokens.map(({ text, fresh }) =>
      text === undefined
        ? { kind: 'mask', text: maskSign }
        : { kind: fresh ? 'fresh' : 'committed', text },
    ),
  );
}

/** A finished fill. @param replacement what is going to be written, line ends aside. */
export function drawFill(fill: Fill, replacement: string): DrawnFill {
  const text = replacement.replaceAll('\r\n', '\n');
  const tokens = fill.tokens.map(({ text: piece, given }): Piece => ({
    kind: given ? 'given' : 'committed',
    text: piece,
  }));
  // Indentation or a character of several tokens: the tokens no longer spell what is written.
  const spell = tokens.map(({ text: piece }) => piece).join('');
  return spell === text ? draw(tokens) : drawText(text);
}

/** A text of which no token is told apart from the others. */
export function drawText(replacement: string): DrawnFill {
  return draw([{ kind: 'committed', text: replacement.replaceAll('\r\n', '\n') }]);
}

/** The text of a gap in the middle of denoising, masks as blocks. */
export function stepText(tokens: readonly StepToken[]): string {
  return tokens.map(({ text }) => text ?? maskSign).join('');
}

function draw(all: readonly Piece[]): DrawnFill {
  const pieces: { kind: PieceKind; text: string }[] = [];
  let room = widest;
  for (const { kind, text } of all) {
    const [line = ''] = text.split('\n', 1);
    const isFull = line.length > room || (pieces.length === mostPieces && line !== '');
    const shown = line.length > room ? line.slice(0, room) + cut : isFull ? cut : line;
    const last = pieces.at(-1);
    if (shown !== '') {
      if (last && (last.kind === kind || pieces.length === mostPieces)) last.text += shown;
      else pieces.push({ kind, text: shown });
    }
    room -= line.length;
    if (isFull || text.includes('\n')) break;
  }
  const moreLines = all.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0);
  return { pieces, moreLines };
}
