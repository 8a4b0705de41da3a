/**
 * The code around a gap, read once: its lines and words before and behind, whether a string or a comment is open
 * there, which names are known, and which the gap has to bind. Judges no fill.
 */
import { globalsOf, keywordsOf } from './globals';
import { boundWords, missingWords } from './names';
import { Scan, type BlockStyle, type Line, type Word } from './scan';

const styles: Readonly<Record<string, BlockStyle>> = {
  python: 'indented',
  javascript: 'braced',
  javascriptreact: 'braced',
  typescript: 'braced',
  typescriptreact: 'braced',
};
/**
 * Characters read before and behind a gap. Who sends a longer text has cut it, perhaps, and then what binds
 * a name may be out of sight.
 */
const reach = { before: 18_000, behind: 1500, declarations: 18_000 } as const;
/** Characters of the gap's line before the gap, which are read again with each fill: beyond, it is no line of code. */
const longestLine = 1000;

/** What a file declares where all of it may read it, whatever stands before. */
const declared: Readonly<Record<BlockStyle, RegExp>> = {
  indented: /^(?:async )?(?:def|class) (\w+)/gm,
  braced:
    /^(?:[ \t]*(?:export )?(?:default )?(?:async )?function\*? |(?:export )?(?:abstract )?(?:class|const|let|var|enum|type|interface) )([\w$]+)/gm,
};
/** Behind these a brace opens a list of names. */
const listHeads: ReadonlySet<string> = new Set('import export type const let var'.split(' '));

export class Surroundings {
  /** Up to the gap's line. */
  readonly before: Scan;
  /** The gap's line up to the gap. */
  readonly lineBefore: string;
  readonly behind: string;
  /** The text ends where `behind` does. */
  readonly isWhole: boolean;
  /** Names can be judged: all text before was read, none of it is markup, and statements stand here. */
  readonly knowsNames: boolean;
  /** Names that the text behind declares for all of the file, however far behind. */
  readonly #declaredBehind: ReadonlySet<string>;
  #known: ReadonlySet<string> | undefined;
  #missing: readonly Word[] | undefined;

  private constructor(
    style: BlockStyle,
    before: string,
    behind: string,
    isMarkup: boolean,
    private readonly bindsUpTo: number,
  ) {
    const near = before.slice(-reach.before);
    const lineStart = near.lastIndexOf('\n') + 1;
    this.lineBefore = near.slice(lineStart);
    this.before = new Scan(style).read(near.slice(0, lineStart));
    this.isWhole = behind.length <= reach.behind;
    const cut = this.isWhole ? behind.length : behind.lastIndexOf('\n', reach.behind) + 1;
    this.behind = behind.slice(0, cut || reach.behind);
    const declarations = behind.slice(0, reach.declarations).matchAll(declared[style]);
    this.#declaredBehind = new Set(Array.from(declarations, ([, name]) => name!));
    // Within brackets a line may be a parameter, an import, a key.
    const { stack } = this.before;
    const isStatement =
      style === 'indented'
        ? stack.length === 0
        : (stack.at(-1)?.open ?? '{') === '{' && !this.#isInList();
    this.knowsNames = near === before && !isMarkup && isStatement;
  }

  /** Undefined in a string or a comment, in endless lines, and in languages whose look is not known. */
  static of(
    before: string,
    behind: string,
    languageId = '',
    bindsUpTo = Infinity,
  ): Surroundings | undefined {
    const style = Object.hasOwn(styles, languageId) ? styles[languageId] : undefined;
    if (style === undefined) return undefined;
    if (before.length - before.lastIndexOf('\n') > longestLine) return undefined;
    const around = new Surroundings(style, before, behind, languageId.endsWith('react'), bindsUpTo);
    return around.upTo('').isInText ? undefined : around;
  }

  get style(): BlockStyle {
    return this.before.style;
  }

  /** Nothing but spaces stands before the gap on its line. */
  get startsLine(): boolean {
    return this.lineBefore.trim() === '';
  }

  /** The state behind a fill, or behind its beginning; lines and words are those from the gap's line on. */
  upTo(fill: string): Scan {
    return this.before.fork().read(this.lineBefore + fill);
  }

  isKnown(name: string): boolean {
    return this.names.has(name);
  }

  /** All that a fill may read: what was written before it and, where that is bound early, behind it. */
  get names(): ReadonlySet<string> {
    return (this.#known ??= this.#findKnown());
  }

  /** First uses behind of names that a whole line in the gap has to bind. */
  get missing(): readonly Word[] {
    return (this.#missing ??= this.#findMissing());
  }

  #findKnown(): ReadonlySet<string> {
    const { style, before } = this;
    const here = this.upTo('');
    const { length } = here.words;
    const written = [...before.words, ...here.words];
    const behind = here.read(this.behind).end().words.slice(length);
    const bound = boundWords(behind, style);
    const isEarly = (word: Word, at: number) =>
      style === 'braced' || (bound.has(at) && (word.before === 'def' || word.before === 'class'));
    const read = [...written, ...behind.filter(isEarly)].map(({ text }) => text);
    const words = [...read, ...this.#declaredBehind];
    const missing = new Set(this.missing.map(({ text }) => text));
    const all = [...words, ...globalsOf(style), ...keywordsOf(style)];
    return new Set(all.filter((name) => !missing.has(name)));
  }

  #findMissing(): readonly Word[] {
    const isLine = this.startsLine && this.behind.startsWith('\n');
    if (!isLine || !this.knowsNames) return [];
    const behind = this.before.fork().read(this.behind.slice(0, this.bindsUpTo)).end();
    const inScope =
      this.style === 'indented' ? this.#functionRest(behind) : this.#blockRest(behind);
    const missing = missingWords(this.before.words, inScope, this.style);
    return missing.filter(({ text }) => !this.#declaredBehind.has(text));
  }

  /** The words up to the end of the function that the gap is in. */
  #functionRest({ lines, words }: Scan): Word[] {
    const [next] = lines;
    if (next === undefined) return [];
    const isFunction = ({ head }: Line) => head === 'def' || head === 'async';
    const own = this.before.lines.findLast((line) => isFunction(line) && line.indent < next.indent);
    const past = lines.findIndex((line) =>
      own
        ? line.indent <= own.indent
        : line.indent !== next.indent || isFunction(line) || line.head === 'class',
    );
    return words.filter(({ line }) => past < 0 || line < past);
  }

  /** The words up to the end of the block that the gap is in; none in the body of a class. */
  #blockRest({ lines, words }: Scan): Word[] {
    const depth = this.before.stack.length;
    // Imports and functions may stand anywhere, and so may members.
    if (depth === 0 || this.#isInClass()) return [];
    const past = words.findIndex((word) => word.depth < depth);
    const own = words.slice(0, past < 0 ? undefined : past);
    const isMember = own.some(({ line, before, text, ...word }) => {
      const opensBlock = lines[line]?.last === '{' && before === '' && word.depth === depth;
      return opensBlock && !keywordsOf('braced').has(text);
    });
    return isMember ? [] : own;
  }

  /** The words of the line that the innermost bracket stands on. */
  #openingWords(): Word[] {
    const { stack, words } = this.before;
    return words.filter(({ line }) => line === stack.at(-1)?.line);
  }

  #isInClass(): boolean {
    const words = this.#openingWords();
    return words.some(({ text }) => text === 'class' || text === 'interface');
  }

  /** Of an import, an export, an enumeration, a pattern. */
  #isInList(): boolean {
    const words = this.#openingWords();
    if (words.some(({ text }) => text === 'enum')) return true;
    return words[0]?.text === 'import' || listHeads.has(words.at(-1)?.text ?? '');
  }
}
