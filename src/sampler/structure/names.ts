/**
 * Which names a piece of code binds and which it reads, and which of those read behind a gap are bound
 * nowhere: the gap has to. By the look of the words, not by scopes; where that is unsure it says less. Knows
 * words, no text.
 */
import { globalsOf, keywordsOf } from './globals';
import { parametersEnd, typedParametersEnd, type BlockStyle, type Word } from './scan';

/** Whether the rest of its own line may read a name that is bound. */
export type Binding = 'at once' | 'behind its line';

/** Words behind which a name is bound. */
const binders: Readonly<Record<BlockStyle, ReadonlySet<string>>> = {
  indented: new Set('def class as global nonlocal'.split(' ')),
  braced: new Set('function class as type interface enum namespace'.split(' ')),
};
const declaring: Readonly<Record<BlockStyle, ReadonlySet<string>>> = {
  indented: new Set(['import']),
  braced: new Set(['import', 'const', 'let', 'var', 'catch']),
};
/** Words whose brackets hold no parameters. */
const conditions: ReadonlySet<string> = new Set('if for while switch with'.split(' '));
/** Words behind which a member of a class is named. */
const modifiers: ReadonlySet<string> = new Set(
  'abstract accessor async declare get override private protected public readonly set static'.split(
    ' ',
  ),
);
/** What may stand before the name of a function, besides. */
const functionHeads: ReadonlySet<string> = new Set([...modifiers, 'export', 'default', 'function']);
/** What a parameter can stand behind, besides a modifier. */
const beforeParameter: ReadonlySet<string> = new Set(['(', ',', '*', '{', '[', '...']);

/** The words that bind a name, by index. @param words of whole lines, or of a line's beginning. */
export function boundWords(words: readonly Word[], style: BlockStyle): Map<number, Binding> {
  const bound = new Map<number, Binding>();
  const keywords = keywordsOf(style);
  let lineStart = 0;
  /** What has begun and is not over: names behind it are bound. */
  let taking: 'loop' | 'lambda' | 'declaration' | 'parameters' | undefined;
  let depth = 0;
  let isStatement = false;
  let isOver = false;
  /** How deep the name stands that is given a type or a value. */
  let given = 0;
  for (const [index, { text, before, behind, line, ...word }] of words.entries()) {
    if (words[lineStart]!.line !== line) {
      lineStart = index;
      if (taking !== 'parameters') taking = undefined;
    }
    if (taking === 'parameters' && word.depth <= depth) taking = undefined;
    if (text === parametersEnd) {
      for (const at of parametersBefore(words, index)) bound.set(at, 'at once');
    } else if (text === typedParametersEnd) {
      if (!hasTypedParameters(words, index)) continue;
      for (const at of parametersBefore(words, index)) bound.set(at, 'at once');
    } else if (text === 'for' && style === 'indented') {
      taking = 'loop';
      isStatement = before === '';
    } else if (text === 'in' || text === 'of' || (text === 'if' && taking === 'lambda')) {
      if (taking !== 'parameters') taking = undefined;
    } else if (text === 'lambda' || (style === 'indented' && isPattern(words[index]!))) {
      taking = 'lambda';
    } else if (declaring[style].has(text)) {
      taking = 'declaration';
      ({ depth } = word);
      isOver = false;
    } else if (taking === 'declaration' && isOver && !isNext(before, word.depth - given)) {
      continue; // in what a declared name is given
    } else if (taking === 'declaration' && (before === '=' || isType(before, word, depth))) {
      isOver = true;
      given = word.depth;
    } else if (keywords.has(text) || before === '.') {
      continue;
    } else if (taking === 'parameters') {
      if (isParameter(words[index]!, depth)) bound.set(index, 'at once');
    } else if (taking !== undefined || binders[style].has(before)) {
      // A loop's own line reads what it runs over before it binds anything.
      bound.set(index, taking === 'loop' && isStatement ? 'behind its line' : 'at once');
      if (before === 'def' || before === 'function') {
        taking = 'parameters';
        ({ depth } = word);
      } else if (taking === 'lambda' && behind === ':') {
        taking = undefined;
      } else if (taking === 'declaration') {
        isOver = behind === '=';
        given = word.depth;
      }
    } else if (behind === '=>' || behind === ':=') {
      bound.set(index, 'at once');
    } else if (style === 'indented' && word.depth === 0) {
      if (behind === ':' && before === '') bound.set(index, 'behind its line');
      if (behind !== '=') continue;
      // What stands to the left is a target too: a, b = ...
      for (let at = lineStart; at <= index; at++) {
        const target = words[at]!;
        const isPart = target.before === '.' || '.[('.includes(target.behind || ' ');
        if (!isPart && !bound.has(at)) bound.set(at, 'behind its line');
      }
    }
  }
  return bound;
}

/** In braces: the words of the brackets that end before `end`, unless a condition stands in them. */
function parametersBefore(words: readonly Word[], end: number): number[] {
  const { depth } = words[end]!;
  let start = end;
  while (start > 0 && words[start - 1]!.depth > depth) start--;
  const isCondition = start > 0 && conditions.has(words[start - 1]!.text);
  const inBrackets = Array.from({ length: end - start }, (_, offset) => start + offset);
  if (isCondition) return [];
  const keywords = keywordsOf('braced');
  return inBrackets.filter(
    (at) => isParameter(words[at]!, depth) && !keywords.has(words[at]!.text),
  );
}

/** In a pattern, deeper than the declaration, a name follows the colon. */
function isType(before: string, word: { readonly depth: number }, depth: number): boolean {
  return before === ':' && word.depth === depth;
}

/** Another part of a declaration follows, as deep as the one that is over, or a function with a name. */
function isNext(before: string, deeper: number): boolean {
  return before === 'function' || (deeper === 0 && (before === ',' || before === '...'));
}

/** `case` is a name as well. */
function isPattern({ text, before, behind }: Word): boolean {
  return text === 'case' && before === '' && behind !== '=' && behind !== '.';
}

/** @param outside how deep the brackets of the parameters stand. */
function isParameter({ before, depth }: Word, outside: number): boolean {
  if (before === '' || beforeParameter.has(before) || modifiers.has(before)) return true;
  return before === ':' && depth > outside + 1; // the new name of a part
}

/** The brackets before `):` are those of a function that its line begins with, or of an arrow. */
function hasTypedParameters(words: readonly Word[], end: number): boolean {
  const { depth, line } = words[end]!;
  let open = end;
  while (open > 0 && words[open - 1]!.depth > depth) open--;
  const name = words[open - 1];
  if (name === undefined) return true;
  const own = words.slice(0, open).filter((word) => word.line === name.line);
  const first = own.find(({ text, behind }) => !functionHeads.has(text) || '(<'.includes(behind));
  if (first !== undefined && !keywordsOf('braced').has(first.text)) {
    if (first === name ? name.behind === '(' : first.behind === '<') return true;
  }
  return words.some(
    (word, at) =>
      at > end && word.line === line && (word.behind === '=>' || word.text === parametersEnd),
  );
}

/** No keyword, attribute, key or keyword argument. */
export function isName({ text, before, behind, depth }: Word, style: BlockStyle): boolean {
  if (before === '.' || before === '#' || keywordsOf(style).has(text)) return false;
  if (style === 'indented') return before !== 'from' && !(behind === '=' && depth > 0);
  const isKey = (behind === ':' || (behind === '?' && '({,'.includes(before))) && before !== '?';
  const isEnd = text === parametersEnd || text === typedParametersEnd;
  const isLabel = before === 'break' || before === 'continue';
  const isTypeParameter = /^[A-Z]$/.test(text);
  return !isKey && !isTypeParameter && !modifiers.has(before) && !isEnd && !isLabel;
}

/** The first words behind a gap that read a name which nothing binds before them. */
export function missingWords(
  before: readonly Word[],
  behind: readonly Word[],
  style: BlockStyle,
): Word[] {
  const known = new Set(before.map(({ text }) => text));
  const bound = boundWords(behind, style);
  const lineOf = ({ line, text }: Word) => `${line} ${text}`;
  const early = [...bound].filter(([, binding]) => binding === 'at once');
  const inLine = new Set(early.map(([at]) => lineOf(behind[at]!)));
  const anywhere = new Set([...bound.keys()].map((at) => behind[at]!.text));
  const missing: Word[] = [];
  const isPassedOn = new Set(
    behind.flatMap(({ text, line, before: left }) =>
      left === '' && (text === 'export' || text === 'import') ? [line] : [],
    ),
  );
  /** What lines bind that may still read it: a total, an index. */
  let late: Word[] = [];
  for (const [index, word] of behind.entries()) {
    const { text, depth, line } = word;
    for (const target of late) if (target.line < line) known.add(target.text);
    late = late.filter((target) => target.line === line);
    const binding = bound.get(index);
    if (binding === 'behind its line') late.push(word);
    // A parameter with a default looks like a keyword argument.
    if (binding === 'at once') known.add(text);
    if (binding !== undefined || known.has(text) || !isName(word, style)) continue;
    if (globalsOf(style).has(text)) continue;
    const isElsewhere = anywhere.has(text) || isPassedOn.has(line) || !isLocal(word);
    if (style === 'braced' && isElsewhere) continue;
    known.add(text);
    // A comprehension reads a name before it binds it.
    if (!(depth > 0 && inLine.has(lineOf(word)))) missing.push(word);
  }
  return missing;
}

/** Not what other files and runtimes bring: types, components, functions that are called. */
function isLocal({ text, behind }: Word): boolean {
  return /^[a-z_$]/.test(text) && behind !== '(' && behind !== '<' && behind !== '`';
}
