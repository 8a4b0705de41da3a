/**
 * What the names around a gap ask of one line in it: that it reads none which nothing binds, and binds those
 * that the lines behind it read and nothing else does. Small models miss both, though either is on the canvas.
 * Knows no shape.
 */
import { boundWords, isName, type Binding } from './names';
import type { BlockStyle, Scan, Word } from './scan';
import type { Surroundings } from './surroundings';

/** Names read before they are bound, as in a comprehension, that a line may have at a time. */
const mostPending = 2;
/** Beside the names that are asked for, a loop may bind one: an index, a value not used. It is short. */
const longestExtra = 5;
const bracedHeads = 'const let var for function async class import export catch try type'.split(
  ' ',
);
const inWord = /[\p{L}\p{N}_$]$/u;

interface Reading {
  readonly words: readonly Word[];
  readonly bound: ReadonlyMap<number, Binding>;
  /** Names bound so far, and those of them that the same line may read. */
  readonly targets: readonly string[];
  readonly readable: ReadonlySet<string>;
}

export class NameDemand {
  constructor(readonly around: Surroundings) {}

  /** A fill reads nothing unknown and binds all that is asked for. */
  fits(fill: string): boolean {
    const { style, missing } = this.around;
    const { words, bound, targets, readable } = this.#read(this.around.upTo(fill).read('\n'));
    if (!missing.every(({ text }) => targets.includes(text))) return false;
    if (isPassedOn(words)) return true;
    return words.every((word, at) => {
      if (bound.has(at) || !isName(word, style) || isMember(word, at, style)) return true;
      return readable.has(word.text) || this.around.isKnown(word.text);
    });
  }

  /** A fill that begins so can still fit. @param scan up to its end. */
  goesOn(start: string, scan: Scan): boolean {
    const reading = this.#read(scan);
    return this.#readsKnown(start, reading) && this.#bindsMissing(start, scan, reading);
  }

  #read({ words }: Scan): Reading {
    const bound = boundWords(words, this.around.style);
    const textsOf = (entries: readonly (readonly [number, Binding])[]) =>
      entries.map(([at]) => words[at]!.text);
    const atOnce = [...bound].filter(([, binding]) => binding === 'at once');
    return { words, bound, targets: textsOf([...bound]), readable: new Set(textsOf(atOnce)) };
  }

  #readsKnown(start: string, { words, bound, readable }: Reading): boolean {
    const { style, names, missing } = this.around;
    const isOpen = inWord.test(start);
    if (isPassedOn(words)) return true;
    let pending = 0;
    for (const [at, word] of words.entries()) {
      const { text, behind, depth } = word;
      if (bound.has(at) || !isName(word, style) || readable.has(text) || names.has(text)) continue;
      if (isMember(word, at, style)) continue;
      const isLast = isOpen && at === words.length - 1;
      const isNext = behind === '' || behind === ',';
      if (missing.some((m) => (isLast ? m.text.startsWith(text) : isNext && m.text === text)))
        continue;
      // The first word may become a target.
      if (at === 0 && depth === 0 && missing.length === 0 && isNext) continue;
      if (isLast && [...names].some((name) => name.startsWith(text))) continue;
      if (depth > 0 && ++pending <= mostPending) continue;
      return false;
    }
    return true;
  }

  #bindsMissing(start: string, scan: Scan, { words, bound, targets }: Reading): boolean {
    const { style, missing } = this.around;
    if (missing.length === 0) return true;
    const wanted = missing.map(({ text }) => text);
    const [first] = words;
    if (first === undefined) return !scan.endsInRemark && /^\s*(?:[([]|\} ?)?$/.test(start);
    const isOpen = inWord.test(start);
    const { text: head, behind } = first;
    const isFirstOpen = isOpen && words.length === 1;
    const isTarget =
      style === 'indented' &&
      wanted.some((name) => (isFirstOpen ? name.startsWith(head) : name === head));
    if (isTarget && !['', '=', ',', ':', ')'].includes(behind)) return false;
    // Keywords are one token: a word that only begins like one is another.
    if (!isTarget && !this.#heads().includes(head)) return false;
    if (head === 'for' && /^\s*for\s[^:]*[\w)]\(/.test(start) && !/\sin\s/.test(start))
      return false;
    // The targets are over: all that is asked for must be among them.
    const isOver = /\s(?:in|of)\s/.test(start) || /[^=!<>]=(?!=)/.test(start);
    if (isOver) return wanted.every((name) => targets.includes(name));
    const open = isOpen && bound.has(words.length - 1) ? targets.at(-1) : undefined;
    const whole = open === undefined ? targets : targets.slice(0, -1);
    const extra = whole.filter((name) => !wanted.includes(name));
    if (new Set(whole).size < whole.length || (head !== 'def' && extra.length > 1)) return false;
    const isWanted = open === undefined || wanted.some((name) => name.startsWith(open));
    const mayBeExtra = head === 'for' && extra.length === 0 && (open ?? '').length <= longestExtra;
    const isParameter = head === 'def' && targets.length > 1;
    if (!isWanted && !mayBeExtra && !isParameter && isSimple(start)) return false;
    return true;
  }

  /** First words of lines that bind names, besides the names. */
  #heads(): readonly string[] {
    const { style, missing } = this.around;
    if (style === 'braced') return bracedHeads;
    const is = (behind: string) => missing.some((word) => word.behind === behind);
    return [
      ...['for', 'with', 'except'],
      ...(is('(') ? ['def', 'class'] : []),
      ...(is('.') ? ['import', 'from'] : []),
    ];
  }
}

/** In a class a line may begin with the name of a member. */
function isMember({ behind, depth }: Word, at: number, style: BlockStyle): boolean {
  return style === 'braced' && at === 0 && depth > 0 && '(=;'.includes(behind || ' ');
}

/** Names that come from another file, or go there. */
function isPassedOn([first]: readonly Word[]): boolean {
  return first?.text === 'export' || first?.text === 'import';
}

/** Nothing is taken apart: in a pattern a name may be a key. */
function isSimple(start: string): boolean {
  return !/[{[]/.test(start);
}
