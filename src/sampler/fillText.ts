/**
 * From a canvas back to text: what stands in a gap, token by token. Bytes are joined before they are
 * decoded, so that a fill never loses a leading space or half a character to the seam; the bytes
 * that a healed first token repeats from the prefix are cut away. Knows no network and no schedule.
 */
import type { Fill, FillStep, StepToken } from '../protocol/messages';
import { concatenate, type Tokenizer } from '../tokenizer/tokenizer';
import type { Canvas } from './canvas';
import type { Layout } from './layout';

/** A canvas and what is needed to read it. */
export interface ReadableCanvas {
  readonly canvas: Canvas;
  readonly layout: Layout;
  readonly tokenizer: Tokenizer;
}

/** @param lengthCertainty 0..1; stands for the confidence of an empty fill. */
export function readFill(source: ReadableCanvas, gap: number, lengthCertainty: number): Fill {
  const { start, end } = source.canvas.spans[gap]!;
  const pieces = slots(start, end).map((position) => bytesAt(source, gap, position));
  const tokens = pieces.map((bytes, slot) => ({
    text: textOf(bytes),
    confidence: source.canvas.confidence[start + slot]!,
  }));
  const meanLog = tokens.reduce((sum, t) => sum + Math.log(Math.max(1e-12, t.confidence)), 0);
  return {
    text: textOf(concatenate(pieces)),
    tokens,
    confidence: tokens.length === 0 ? lengthCertainty : Math.exp(meanLog / tokens.length),
  };
}

/** Every gap as it stands. @param fresh positions committed in this very step. */
export function readStep(
  source: ReadableCanvas,
  fresh: readonly number[],
): Pick<FillStep, 'maskedTokens' | 'gaps'> {
  const { canvas } = source;
  const now = new Set(fresh);
  const gaps = canvas.spans.map(({ start, end }, gap) =>
    slots(start, end).map((position): StepToken => {
      if (canvas.masked[position]) return {};
      return {
        text: textOf(bytesAt(source, gap, position)),
        confidence: canvas.confidence[position]!,
        ...(now.has(position) ? { fresh: true } : {}),
      };
    }),
  );
  return { maskedTokens: canvas.maskedCount(), gaps };
}

/** Bytes that a position adds to the document: a healed first token begins with given characters. */
function bytesAt(
  { canvas, layout, tokenizer }: ReadableCanvas,
  gap: number,
  position: number,
): Uint8Array {
  const bytes = tokenizer.bytesOf(canvas.ids[position]!);
  const isFirst = position === canvas.spans[gap]!.start;
  return isFirst ? bytes.subarray(layout.gaps[gap]!.healed.length) : bytes;
}

function slots(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, offset) => start + offset);
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
