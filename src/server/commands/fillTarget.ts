/**
 * Where the gaps of a command line's fill are: `FILE:LINE:COL`, or `<fill>` marks in the text. Pure:
 * text in, parts out. Lines end as they do in VS Code (\r\n, \n or \r), columns count UTF-16.
 */
import { LacunaError } from '../../protocol/errors';
import type { GapWish, Part } from '../../protocol/messages';

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

/** The parts of a text with the gap that a target names, or one for each mark. */
export function partsOf(text: string, target: FillTarget, gap: GapWish): Part[] {
  if (target.line === undefined || target.column === undefined) {
    return partsAtMarks(text, target.file, gap);
  }
  const offset = offsetOf(text, target.line, target.column, target.file);
  return partsAround(text.slice(0, offset), text.slice(offset), gap);
}

/** A gap between two texts, either of which may be empty. */
export function partsAround(prefix: string, suffix: string, gap: GapWish): Part[] {
  const textPart = (text: string): Part[] => (text === '' ? [] : [{ text }]);
  return [...textPart(prefix), { gap }, ...textPart(suffix)];
}

function partsAtMarks(text: string, file: string, gap: GapWish): Part[] {
  const texts = text.split(fillMark);
  if (texts.length === 1) {
    throw cannotFill(
      `"${file}" holds no ${fillMark} mark`,
      `Mark the gap with ${fillMark}, or say where it is: "${file}:LINE:COL"`,
    );
  }
  return texts.flatMap((piece, index): Part[] => [
    ...(index === 0 ? [] : [{ gap }]),
    ...(piece === '' ? [] : [{ text: piece }]),
  ]);
}

function offsetOf(text: string, line: number, column: number, file: string): number {
  const ends = /\r\n|\r|\n/g;
  let start = 0;
  let lines = 1;
  for (; lines < line; lines++) {
    const end = ends.exec(text);
    if (end === null) break;
    start = ends.lastIndex;
  }
  if (line < 1 || lines < line) {
    const found = `line ${line} does not exist, "${file}" has ${lines} line${lines === 1 ? '' : 's'}`;
    throw cannotFill(found, 'Give a line of the file, counted from 1');
  }
  const length = (ends.exec(text)?.index ?? text.length) - start;
  if (column < 1 || column > length + 1) {
    const found = `column ${column} does not exist, line ${line} of "${file}" has ${length} characters`;
    throw cannotFill(found, `Give a column from 1 to ${length + 1}`);
  }
  const offset = start + column - 1;
  const isSplit =
    /[\uD800-\uDBFF]/.test(text.charAt(offset - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(offset));
  if (isSplit) {
    const found = `column ${column} of line ${line} is inside a character`;
    throw cannotFill(found, 'Columns count UTF-16 units; move it by one');
  }
  return offset;
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
