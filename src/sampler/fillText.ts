/**
 * From a canvas back to text: what stands in a field, token by token. What was given comes back
 * verbatim; the bytes of neighbouring predicted tokens are joined before they are decoded, so that a
 * fill never loses a leading space or half a character to a seam; the bytes that a healed first
 * token repeats from the prefix are cut away. Knows no network and no schedule.
 */
import type { Fill, FilledToken, FillStep, StepToken } from '../protocol/messages';
import { concatenate, type Tokenizer } from '../tokenizer/tokenizer';
import type { Canvas } from './canvas';
import type { GapPiece, Layout } from './layout';
import type { Unit } from './units';

/** A canvas and what is needed to read it. */
export interface ReadableCanvas {
  readonly canvas: Canvas;
  readonly layout: Layout;
  readonly tokenizer: Tokenizer;
}

/** What a field is made of, in document order: given units, and spans of the canvas by index. */
type Cell = { readonly units: readonly Unit[] } | { readonly span: number; readonly gap: GapPiece };

/** @param certainties by span, 0..1; those of a fill without a written token are its confidence. */
export function readFill(
  source: ReadableCanvas,
  field: number,
  certainties: readonly number[],
): Fill {
  const tokens: FilledToken[] = [];
  let text = '';
  let open: Uint8Array[] = [];
  let certainty = 1;
  const finishText = () => {
    text += textOf(concatenate(open));
    open = [];
  };
  for (const cell of cellsOf(source.layout, field)) {
    if ('units' in cell) {
      finishText();
      for (const unit of cell.units) {
        text += unit.text;
        tokens.push({ text: unit.text, confidence: 1, given: true });
      }
      continue;
    }
    certainty *= certainties[cell.span]!;
    for (const position of positionsOf(source.canvas, cell.span)) {
      const bytes = bytesAt(source, cell.span, cell.gap, position);
      open.push(bytes);
      tokens.push({ text: textOf(bytes), confidence: source.canvas.confidence[position]! });
    }
  }
  finishText();
  return { text, tokens, confidence: meanConfidence(tokens) ?? certainty };
}

/** Geometric mean over what was written; undefined where all was given. */
export function meanConfidence(tokens: readonly FilledToken[]): number | undefined {
  const written = tokens.filter(({ given }) => given !== true);
  if (written.length === 0) return undefined;
  const sum = written.reduce((total, t) => total + Math.log(Math.max(1e-12, t.confidence)), 0);
  return Math.exp(sum / written.length);
}

/** Every field as it stands. @param fresh positions committed in this very step. */
export function readStep(
  source: ReadableCanvas,
  fresh: readonly number[],
): Pick<FillStep, 'maskedTokens' | 'gaps'> {
  const { canvas, layout } = source;
  const now = new Set(fresh);
  const tokenAt = (span: number, gap: GapPiece, position: number): StepToken => {
    if (canvas.masked[position]) return {};
    return {
      text: textOf(bytesAt(source, span, gap, position)),
      confidence: canvas.confidence[position]!,
      ...(now.has(position) ? { fresh: true } : {}),
    };
  };
  const gaps = Array.from({ length: layout.fields }, (_, field) =>
    cellsOf(layout, field).flatMap((cell): StepToken[] =>
      'units' in cell
        ? cell.units.map(({ text }) => ({ text, confidence: 1, given: true }))
        : positionsOf(canvas, cell.span).map((p) => tokenAt(cell.span, cell.gap, p)),
    ),
  );
  return { maskedTokens: canvas.maskedCount(), gaps };
}

function cellsOf(layout: Layout, field: number): Cell[] {
  const cells: Cell[] = [];
  let span = 0;
  for (const piece of layout.pieces) {
    if (piece.kind === 'gap') {
      if (piece.field === field) cells.push({ span, gap: piece });
      span++;
    } else if (piece.own?.field === field) {
      cells.push({ units: piece.own.units });
    }
  }
  return cells;
}

/** Bytes that a position adds to the document: a healed first token begins with given characters. */
function bytesAt(
  { canvas, tokenizer }: ReadableCanvas,
  span: number,
  gap: GapPiece,
  position: number,
): Uint8Array {
  const bytes = tokenizer.bytesOf(canvas.ids[position]!);
  const isFirst = position === canvas.spans[span]!.start;
  return isFirst ? bytes.subarray(gap.healed.length) : bytes;
}

function positionsOf(canvas: Canvas, span: number): number[] {
  const { start, end } = canvas.spans[span]!;
  return Array.from({ length: end - start }, (_, offset) => start + offset);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
