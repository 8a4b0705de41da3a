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
    } else if (text === 'in' || text === 'of') {
      if (taking !== 'parameters') taking = undefined;
    } else if (text === 'lambda') {
      taking = 'lambda';
    } else if (declaring[style].has(text)) {
      taking = 'declaration';
      ({ depth } = word);
      isOver = false;
    } else if (taking === 'declaration' && isOver && !(isNext(before) && word.depth === depth)) {
      continue; // in what a declared name is given
    } else if (taking === 'declaration' && before === '=') {
      isOver = true;
      ({ depth } = word);
    } else if (keywords.has(text) || before === '.') {
      continue;
    } else if (taking === 'parameters') {
      if (isParameterBehind(before)) bound.set(index, 'at once');
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
        if (isOver) ({ depth } = word);
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
    (at) => isParameterBehind(words[at]!.before) && !keywords.has(words[at]!.text),
  );
}

/** Another part of a declaration follows. */
function isNext(before: string): boolean {
  return before === ',' || before === '...';
}

function isParameterBehind(before: string): boolean {
  return before === '' || beforeParameter.has(before) || modifiers.has(before);
}

/** The brackets before `):` are those of a method that its line begins with, or of an arrow. */
function hasTypedParameters(words: readonly Word[], end: number): boolean {
  const { depth, line } = words[end]!;
  let open = end;
  while (open > 0 && words[open - 1]!.depth > depth) open--;
  const name = words[open - 1];
  if (name === undefined) return true;
  const own = words.slice(0, open).filter((word) => word.line === name.line);
  const first = own.find(({ text, behind }) => !modifiers.has(text) || '(<'.includes(behind));
  if (first !== undefined && !keywordsOf('braced').has(first.text)) {
    if (first === name ? name.behind === '(' : first.behind === '<') return true;
  }
  return words.some((word, at) => at > end && word.line === line && word.behind === '=>');
}

/** No keyword, attribute, key or keyword argument. */
export function isName({ text, before, behind, depth }: Word, style: BlockStyle): boolean {
  if (before === '.' || before === '#' || keywordsOf(style).has(text)) return false;
  if (style === 'indented') return before !== 'from' && !(behind === '=' && depth > 0);
  const isKey = (behind === ':' || (behind === '?' && '({,'.includes(before))) && before !== '?';
  const isEnd = text === parametersEnd || text === typedParametersEnd;
  const isTypeParameter = /^[A-Z]$/.test(text);
  return !isKey && !isTypeParameter && !modifiers.has(before) && !isEnd;
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
  const inLine = new Set([...bound.keys()].map((at) => lineOf(behind[at]!)));
  const anywhere = new Set([...bound.keys()].map((at) => behind[at]!.text));
  const missing: Word[] = [];
  const isPassedOn = new Set(
    behind.flatMap(({ text, line, before: left }) =>
      left === '' && (text === 'export' || text === 'import') ? [line] : [],
    ),
  );
  for (const [index, word] of behind.entries()) {
    const { text, depth } = word;
    // A parameter with a default looks like a keyword argument.
    if (bound.has(index)) known.add(text);
    if (known.has(text) || !isName(word, style) || globalsOf(style).has(text)) continue;
    const isElsewhere = anywhere.has(text) || isPassedOn.has(word.line) || !isLocal(word);
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
