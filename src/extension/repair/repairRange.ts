/**
 * How much is denoised again around an error: the lines it stands on and some above and below, or the
 * words around it. What is wrong is often beside what a language server marks. Pure; knows lines and
 * columns, no editor and no diagnostic.
 */

export interface Place {
  readonly line: number;
  readonly character: number;
}
export interface Stretch {
  readonly start: Place;
  readonly end: Place;
}
export interface Margin {
  /** Whole lines above and below those of the error; absent: no whole lines, but characters. */
  readonly lines?: number;
  /** Counts on the error's own lines only, and grows to whole words. */
  readonly characters: number;
}

/** A document as this file sees it. */
export interface Lines {
  readonly count: number;
  /** Without its line end. */
  at(line: number): string;
}

/** What white space it begins or ends with is left to the caller. */
export function repairRange(lines: Lines, { start, end }: Stretch, margin: Margin): Stretch {
  // An error that ends before the first character of a line is not on that line.
  const isBefore = end.character === 0 && end.line > start.line;
  const endLine = isBefore ? end.line - 1 : end.line;
  const endCharacter = isBefore ? lines.at(endLine).length : end.character;
  if (margin.lines === undefined) {
    const from = wordStart(lines.at(start.line), start.character - margin.characters);
    const to = wordEnd(lines.at(endLine), endCharacter + margin.characters);
    return {
      start: { line: start.line, character: from },
      end: { line: endLine, character: to },
    };
  }
  const bottom = Math.min(lines.count - 1, endLine + margin.lines);
  return {
    start: { line: Math.max(0, start.line - margin.lines), character: 0 },
    end: { line: bottom, character: lines.at(bottom).length },
  };
}

function wordStart(line: string, character: number): number {
  const at = Math.min(Math.max(0, character), line.length);
  if (!/^[\p{L}\p{N}_]/u.test(line.slice(at))) return at;
  return at - /[\p{L}\p{N}_]*$/u.exec(line.slice(0, at))![0].length;
}

function wordEnd(line: string, character: number): number {
  const at = Math.min(Math.max(0, character), line.length);
  if (!/[\p{L}\p{N}_]$/u.test(line.slice(0, at))) return at;
  return at + /^[\p{L}\p{N}_]*/u.exec(line.slice(at))![0].length;
}
