/**
 * Where the gaps of a command line's fill are: `FILE:LINE:COL`, or `<fill>` marks in the text; and
 * where its drafts are, ranges of the text. Pure: text in, parts out.
 */
import { LacunaError } from '../../protocol/errors';
import type { DraftWish, GapWish, Part } from '../../protocol/messages';
import { offsetOf, piecesOf, rangesIn, type RangeWish } from './textPlace';

export const fillMark = '<fill>';

export interface FillTarget {
  readonly file: string;
  /** 1-based; absent: the file holds marks. */
  readonly line?: number;
  /** 1-based; the gap lies before it. */
  readonly column?: number;
}

/** `src/a.ts:12:5` or `src/a.ts`; a drive letter's colon is part of the name. */
export function parseTarget(argument: string): FillTarget {
  const [, file, line, column] = /^(.+):(\d+):(\d+)$/s.exec(argument) ?? [];
  if (file === undefined) return { file: argument };
  return { file, line: Number(line), column: Number(column) };
}

export interface TargetWishes {
  readonly gap: GapWish;
  /** Of the text, marks included; what lies in them becomes drafts. */
  readonly ranges?: readonly RangeWish[];
  readonly draftOf?: (text: string) => DraftWish;
}

/** The parts of a text with the gap that a target names, or one for each mark, and its drafts. */
export function partsOf(text: string, target: FillTarget, wishes: TargetWishes): Part[] {
  const { gap, ranges = [], draftOf } = wishes;
  const context = { doing: 'Cannot fill', file: target.file };
  if (target.line !== undefined && target.column !== undefined) {
    const offset = offsetOf(text, target.line, target.column, context);
    return partsAround(text.slice(0, offset), text.slice(offset), gap);
  }
  if (draftOf === undefined || ranges.length === 0) return partsAtMarks(text, target.file, gap);
  return piecesOf(text, rangesIn(text, ranges, context)).flatMap((piece): Part[] => {
    if (!piece.isInside) return atMarks(piece.text, gap);
    if (!piece.text.includes(fillMark)) return [{ draft: draftOf(piece.text) }];
    throw cannotFill(`a range holds a ${fillMark} mark`, 'End the range before the mark');
  });
}

/** A gap between two texts, either of which may be empty. */
export function partsAround(prefix: string, suffix: string, gap: GapWish): Part[] {
  const textPart = (text: string): Part[] => (text === '' ? [] : [{ text }]);
  return [...textPart(prefix), { gap }, ...textPart(suffix)];
}

function partsAtMarks(text: string, file: string, gap: GapWish): Part[] {
  if (text.includes(fillMark)) return atMarks(text, gap);
  throw cannotFill(
    `"${file}" holds no ${fillMark} mark`,
    `Mark the gap with ${fillMark}, or say where it is: "${file}:LINE:COL"`,
  );
}

function atMarks(text: string, gap: GapWish): Part[] {
  return text
    .split(fillMark)
    .flatMap((piece, index): Part[] => [
      ...(index === 0 ? [] : [{ gap }]),
      ...(piece === '' ? [] : [{ text: piece }]),
    ]);
}

function cannotFill(found: string, advice: string): LacunaError {
  return new LacunaError('badUsage', { doing: 'Cannot fill', found, advice });
}

/** VS Code's language id, by which a model may know a token; undefined for what it does not train on. */
export function languageOf(file: string): string | undefined {
  const ending = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(languages, ending) ? languages[ending] : undefined;
}

const languages: Readonly<Record<string, string>> = {
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  tsx: 'typescriptreact',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'javascriptreact',
  py: 'python',
  pyi: 'python',
};
