/**
 * What is wrong with lines as neighbours of each other: a block that is opened and not there, a line deeper than
 * the one before for no reason, `else` without its `if`. Counts; what a count means is the caller's question.
 * Knows lines, no text.
 */
import type { BlockStyle, Line } from './scan';

/** Words that begin a statement with a block of its own, where indentation counts. */
export const blockHeads: ReadonlySet<string> = new Set(
  'if elif else for while def class try except finally with async'.split(' '),
);
/** Words that go on a statement -> the statements that they go on. */
const goesOn: Readonly<Record<string, readonly string[]>> = {
  elif: ['if', 'elif'],
  else: ['if', 'elif', 'for', 'while', 'except'],
  except: ['try', 'except'],
  finally: ['try', 'except', 'else'],
};
/** A line that ends so goes on, and one that begins so went on, at any depth. */
const openEnd = '([{,=:+-*/%&|?<>!.`';
const openStart = '.?:&|+-*/=)]},<';

/** Nothing behind them at their own depth is ever reached. */
const leaving: ReadonlySet<string> = new Set('return break continue raise throw'.split(' '));
/** Lines that are reached another way: labels, and what closes or goes on what was opened before. */
const landing: ReadonlySet<string> = new Set('case default elif else except finally'.split(' '));

/** Their one statement may stand on the next line without braces. */
const bareHeads: ReadonlySet<string> = new Set('if else for while do case default'.split(' '));

/** @param isWhole the text ends behind the last line. */
export function blockFaults(style: BlockStyle, lines: readonly Line[], isWhole: boolean): number {
  return style === 'indented' ? indentedFaults(lines, isWhole) : bracedFaults(lines);
}

const opensBlock = ({ last }: Line): boolean => last === ':';

function indentedFaults(lines: readonly Line[], isWhole: boolean): number {
  let faults = 0;
  let levels: { readonly indent: number; readonly head: string }[] = [];
  for (const [index, line] of lines.entries()) {
    const { indent, head, hasColon } = line;
    const isHead = blockHeads.has(head);
    if (isHead !== (isHead ? hasColon : opensBlock(line)) && head !== 'lambda' && !isSoft(line)) {
      faults++;
    }
    const previous = lines[index - 1];
    if (previous && opensBlock(previous) !== indent > previous.indent) faults++;
    if (previous && isUnreached(line, previous)) faults++;
    levels = levels.filter((level) => level.indent <= indent);
    const own = levels.at(-1);
    // The first lines may stand anywhere: what they belong to was not read.
    const isCut = index === 0 || levels.length === 0;
    if (!isCut && indent <= previous!.indent && own!.indent !== indent) faults++;
    const before = own?.indent === indent ? own.head : '';
    if (!isCut && head in goesOn && !goesOn[head]!.includes(before)) faults++;
    if (own?.indent === indent) levels.pop();
    levels.push({ indent, head });
  }
  if (isWhole && lines.length > 0 && opensBlock(lines.at(-1)!)) faults++;
  return faults;
}

/** `match` and `case` are names as well; what ends in a colon makes them words. */
function isSoft(line: Line): boolean {
  return (line.head === 'match' || line.head === 'case') && opensBlock(line);
}

function isUnreached({ head, first, indent }: Line, previous: Line): boolean {
  if (indent !== previous.indent || !leaving.has(previous.head)) return false;
  return !landing.has(head) && !')]}@'.includes(first);
}

function bracedFaults(lines: readonly Line[]): number {
  let faults = 0;
  for (const [index, line] of lines.entries()) {
    const { indent, first } = line;
    const previous = lines[index - 1];
    if (previous === undefined) continue;
    // A function below is hoisted.
    if (previous.last === ';' && line.head !== 'function' && isUnreached(line, previous)) faults++;
    const isDeeper = indent > previous.indent;
    const mayBeDeeper =
      openEnd.includes(previous.last) || openStart.includes(first) || bareHeads.has(previous.head);
    if (isDeeper && !mayBeDeeper) faults++;
    if (!isDeeper && '([{'.includes(previous.last) && !')]}'.includes(first)) faults++;
  }
  return faults;
}
