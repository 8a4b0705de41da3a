/**
 * Reads code just far enough to know its shape: which brackets are open and how deep their lines stand, whether
 * a string or a comment is, and where its lines begin and end. Goes on where the text before stopped, so that
 * many fills can be tried between the same two texts. No parser: it knows quotes, comments and brackets of two
 * kinds of languages, and no grammar.
 */

/** How a language writes its blocks: by indentation, or in braces. */
export type BlockStyle = 'indented' | 'braced';

/** What its neighbours ask of a line of code. Where indentation counts, a line goes on within brackets. */
export interface Line {
  /** Columns before its first character. */
  readonly indent: number;
  readonly first: string;
  /** Its first word; empty where it begins with something else. */
  readonly head: string;
  /** Its last character that is no space and in no comment; of a string its quote. */
  readonly last: string;
  /** A colon stands outside all brackets. */
  readonly hasColon: boolean;
}

/** A name or keyword outside strings and comments; in braces also what ends a list of parameters. */
export interface Word {
  readonly text: string;
  /** What stands before it on its line, a word, a character or `...`; empty at its beginning. */
  readonly before: string;
  /** The character behind it, `==`, `=>` and `:=` whole; empty where nothing was read yet. */
  readonly behind: string;
  /** Brackets open around it. */
  readonly depth: number;
  /** The index of its line among those of the scan. */
  readonly line: number;
}

/** Stands among the words where parameters have ended. */
export const parametersEnd = '=>';
/** Stands where they may have: their result's type follows, or the other half of a choice. */
export const typedParametersEnd = '):';

interface Bracket {
  readonly open: string;
  /** What stands before it, a word or a character. */
  readonly before: string;
  /** Columns before the first character of the line that it stands on. */
  readonly indent: number;
  /** The index of that line among those of the scan that read it. */
  readonly line: number;
}

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const tabWidth = 4;
const spaces = /[ \t\r]*/y;
const word = /[\p{L}\p{N}_$]+/uy;
const stringOpening = { indented: /"""|'''|"|'/y, braced: /"|'|`/y } as const;
const comment = { indented: /#[^\n]*/y, braced: /(?:\/\/|#!)[^\n]*/y } as const;
/** Behind these, a slash begins a regular expression; the words end in a letter as a value does. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of))$/;
/** Before a quote: what kind of string it is. */
const stringPrefix = /(?:[rbfu]|br|rb|fr|rf)(?=["'])/iy;
const regex = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
/** One that the text has not ended yet. */
const openRegex = /\/[^\n]*$/y;

export class Scan {
  /** What no continuation can mend: a bracket closed by another kind, a string cut off by its line's end. */
  faults = 0;
  readonly lines: Line[] = [];
  readonly words: Word[] = [];
  readonly stack: Bracket[] = [];
  /** Closers of brackets that the text did not open: it may begin anywhere. */
  unopened = 0;
  /** The line that has begun and not ended. */
  current: { -readonly [Field in keyof Line]: Line[Field] } | undefined;
  /** The text read last ends in a comment that its line's end will close. */
  endsInRemark = false;
  /** Columns before the first character of the physical line. */
  indent = 0;
  #quote = '';
  #inComment = false;
  #isLineStart = true;
  #isWordLast = false;
  /** Of the current line, as far as the next character's meaning hangs on it. */
  #lastWord = '';

  constructor(readonly style: BlockStyle) {}

  /** The same state, the lines and faults so far left behind. */
  fork(): Scan {
    const fork = new Scan(this.style);
    fork.stack.push(...this.stack);
    fork.current = this.current && { ...this.current };
    fork.indent = this.indent;
    fork.#quote = this.#quote;
    fork.#inComment = this.#inComment;
    fork.#isLineStart = this.#isLineStart;
    fork.#lastWord = this.#lastWord;
    return fork;
  }

  /** Inside a string or a comment, where shape says nothing. */
  get isInText(): boolean {
    return this.#quote !== '' || this.#inComment;
  }

  /** Reads on. A word that goes on in the next text counts as two. */
  read(text: string): this {
    this.endsInRemark = false;
    for (let at = 0; at < text.length;) at = this.#step(text, at);
    return this;
  }

  /** The text is over. */
  end(): this {
    this.#endLine();
    return this;
  }

  /** @returns where what began at `at` has ended. */
  #step(text: string, at: number): number {
    if (this.#inComment) return this.#toCommentEnd(text, at);
    if (this.#quote !== '') return this.#toQuote(text, at);
    if (text[at] === '\n') {
      this.#lineFeed();
      return at + 1;
    }
    const blank = matchAt(spaces, text, at);
    if (blank !== '') {
      if (this.#isLineStart) this.indent = columns(blank, this.indent);
      return at + blank.length;
    }
    const isBraced = this.style === 'braced';
    if (isBraced && text.startsWith('/*', at)) {
      this.#inComment = true;
      return at + 2;
    }
    const remark = matchAt(comment[this.style], text, at);
    if (remark !== '') {
      this.endsInRemark = at + remark.length === text.length;
      return at + remark.length;
    }
    const startsLine = this.#isLineStart;
    this.#isLineStart = false;
    const prefix = isBraced ? '' : matchAt(stringPrefix, text, at);
    if (prefix !== '') at += prefix.length;
    const name = prefix === '' ? matchAt(word, text, at) : '';
    this.current ??= {
      indent: this.indent,
      first: text[at]!,
      head: name,
      last: '',
      hasColon: false,
    };
    const { current } = this;
    const char = text[at]!;
    const isSpread = text.slice(Math.max(0, at - 3), at) === '...';
    const before = isSpread ? '...' : this.#lastWord || current.last;
    current.last = char;
    this.#lastWord = name;
    this.#tellLastWord(text, at);
    if (name !== '') {
      if (!/^\d/.test(name)) this.#addWord(name, before);
      return at + name.length;
    }
    this.#quote = matchAt(stringOpening[this.style], text, at);
    if (this.#quote !== '') return at + this.#quote.length;
    if (isBraced && char === '/' && beforeRegex.test(before)) {
      const whole = matchAt(regex, text, at);
      if (whole !== '' || matchAt(openRegex, text, at) === '') return at + (whole.length || 1);
      this.#quote = char;
      return text.length;
    }
    const isArrow = text.startsWith('=>', at) && ')]}>'.includes(before || ' ');
    if (isBraced && (isArrow || (before === ')' && char === '{'))) {
      this.#addWord(parametersEnd, before);
    } else if (isBraced && before === ')' && char === ':') {
      this.#addWord(typedParametersEnd, before);
    }
    if (char in closers) {
      this.stack.push({ open: char, before, indent: this.indent, line: this.lines.length });
    } else if (')]}'.includes(char)) this.#close(char, startsLine);
    else if (char === ':' && this.stack.length === 0) current.hasColon = true;
    else if (char === ';' && isBraced) this.#endStatement();
    return at + 1;
  }

  #addWord(text: string, before: string): void {
    const { length: depth } = this.stack;
    this.words.push({ text, before, behind: '', depth, line: this.lines.length });
    this.#isWordLast = true;
  }

  #tellLastWord(text: string, at: number): void {
    if (!this.#isWordLast) return;
    this.#isWordLast = false;
    const pair = text.slice(at, at + 2);
    const behind = pair === '==' || pair === '=>' || pair === ':=' ? pair : text[at]!;
    this.words.push({ ...this.words.pop()!, behind });
  }

  #toCommentEnd(text: string, at: number): number {
    const end = text.indexOf('*/', at);
    this.#inComment = end < 0;
    return end < 0 ? text.length : end + 2;
  }

  #toQuote(text: string, at: number): number {
    const quote = this.#quote;
    const canBreak = quote.length > 1 || quote === '`';
    for (; at < text.length; at++) {
      if (text[at] === '\\') at++;
      else if (text.startsWith(quote, at)) {
        this.#quote = '';
        return at + quote.length;
      } else if (text[at] === '\n' && !canBreak) {
        this.#quote = '';
        this.faults++;
        return at;
      }
    }
    return at;
  }

  /** Within brackets only the head of a loop may end one. */
  #endStatement(): void {
    const top = this.stack.at(-1);
    if (top !== undefined && top.open !== '{' && top.before !== 'for') this.faults++;
  }

  #close(char: string, startsLine: boolean): void {
    const top = this.stack.at(-1);
    if (top === undefined) {
      this.unopened++;
    } else if (closers[top.open] === char) {
      this.stack.pop();
      // Formatted code closes a bracket on a line as deep as the one that opened it.
      if (this.style === 'braced' && startsLine && top.indent !== this.indent) this.faults++;
    } else {
      this.faults++;
      const own = this.stack.findLastIndex(({ open }) => closers[open] === char);
      if (own >= 0) this.stack.length = own;
    }
  }

  #lineFeed(): void {
    const goesOn =
      this.style === 'indented' && (this.stack.length > 0 || this.current?.last === '\\');
    if (!goesOn) this.#endLine();
    this.indent = 0;
    this.#isLineStart = true;
  }

  #endLine(): void {
    if (this.current) this.lines.push(this.current);
    this.#isWordLast = false;
    this.current = undefined;
    this.#lastWord = '';
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

function columns(blank: string, from: number): number {
  let column = from;
  for (const char of blank) column += char === '\t' ? tabWidth - (column % tabWidth) : 1;
  return column;
}
