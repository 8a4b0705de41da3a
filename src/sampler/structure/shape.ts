/**
 * The shape that the text around a gap asks of a fill: brackets and strings closed, a block opened where the
 * next line is deeper and none where it is not, a first line as deep as one may be there. What fits is found
 * by trying: stand-ins for all that a fill can be to its neighbours are read between the two texts, and the
 * fewest faults that one of them leaves is what the surroundings bring along. Knows no names.
 */
import { blockFaults, blockHeads } from './blocks';
import type { Line, Scan } from './scan';
import type { Surroundings } from './surroundings';

const lineTrials = 'x|if x:|elif x:|else:|for x in x:|try:|except X:|finally:|x(|x[|x{'.split('|');
const restTrials = '|x|x:|:|x {|{|x(|x(function () {|x([|x({|['.split('|');
const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
/** Words that begin a block where no other is to be gone on with. */
const openHeads = [...blockHeads].filter(
  (head) => !['elif', 'else', 'except', 'finally'].includes(head),
);
/** A line may be deeper than the one before by any of these. */
const deeper = [2, 4, 8];
/** Four characters or more three times in a row: greedy decoding has come into a loop. */
const repeats = /(.{4,40}?)\1\1$/su;

export class Shape {
  /** Where the gap begins. */
  readonly #here: Scan;
  #least: number | undefined;
  #lines: readonly Line[] | undefined;

  constructor(
    readonly around: Surroundings,
    /** The gap holds one line, or the rest of one. */
    readonly singleLine: boolean,
  ) {
    this.#here = around.upTo('');
  }

  /** A fill leaves no more faults than the best one must. */
  fits(fill: string): boolean {
    return this.#faults(fill) <= this.#leastFaults() && !this.#repeatsNext(fill);
  }

  /** The first stand-in that fits. @param word what it has for its words. */
  least(word: string): string {
    const fitting = this.#trials().find((trial) => this.#faults(trial) <= this.#leastFaults());
    return (fitting ?? word).replace(/\bx\b/gi, word);
  }

  #leastFaults(): number {
    return (this.#least ??= Math.min(...this.#trials().map((trial) => this.#faults(trial))));
  }

  /** A line of words that stands there already, directly behind. */
  #repeatsNext(fill: string): boolean {
    const [, next = ''] = this.around.behind.split('\n', 2);
    return /\w{2}/.test(next) && (this.around.lineBefore + fill).trimEnd() === next.trimEnd();
  }

  /** A fill that begins so can still fit. @param scan up to its end. */
  goesOn(start: string, scan: Scan): boolean {
    const { style, startsLine, before } = this.around;
    if (scan.faults > this.#here.faults) return false;
    if (style === 'indented' && scan.unopened > this.#here.unopened) return false;
    if (repeats.test(start.trimStart())) return false;
    if (!this.singleLine) return true;
    // Behind a comment nothing comes that could mend it.
    if (scan.endsInRemark && !this.fits(start)) return false;
    if (style === 'braced' || !startsLine || before.stack.length > 0) return true;
    return this.#suitsLine(start, scan);
  }

  #suitsLine(start: string, { current, indent }: Scan): boolean {
    this.#lines ??= this.#allowedLines();
    if (this.#lines.length === 0) return true;
    if (!current) return this.#lines.some((line) => line.indent >= indent);
    const { head } = current;
    const isOver = !/^\s*\w*$/.test(start);
    return this.#lines.some((line) => {
      if (line.indent !== current.indent) return false;
      if (line.head === 'x') return !blockHeads.has(head);
      const heads = line.head === 'if' ? openHeads : [line.head];
      return isOver ? heads.includes(head) : head !== '' && heads.some((h) => h.startsWith(head));
    });
  }

  #faults(fill: string): number {
    const { before, behind, isWhole, style } = this.around;
    const scan = this.around.upTo(fill);
    const { unopened } = scan;
    scan.read(behind).end();
    // Blocks in braces are open where a text was cut, and elsewhere their lines tell.
    const unclosed = style === 'indented' ? scan.stack.length : 0;
    // The lines before the gap say how deep it may be.
    const lines = [...before.lines, ...scan.lines];
    return scan.faults + unopened + unclosed + blockFaults(style, lines, isWhole);
  }

  #trials(): string[] {
    const { style, startsLine } = this.around;
    if (style === 'indented' && startsLine) {
      return this.#indents().flatMap((indent) => lineTrials.map((trial) => indent + trial));
    }
    const open = this.#here.stack.map((bracket) => closers[bracket.open]!);
    const closings = Array.from({ length: open.length + 1 }, (_, count) =>
      open.slice(open.length - count).reverse(),
    );
    return closings.flatMap((closing) => restTrials.map((trial) => closing.join('') + trial));
  }

  /** Spaces to the columns at which a line can begin: those of lines around, and deeper ones. */
  #indents(): string[] {
    const { before, behind } = this.around;
    const next = /\n([ \t]*)[^\s]/.exec(behind);
    const last = before.lines.at(-1)?.indent ?? 0;
    const columns = new Set([
      last,
      ...before.lines.map(({ indent }) => indent),
      next?.[1]!.length ?? 0,
      ...deeper.map((by) => last + by),
    ]);
    const { indent } = this.#here;
    const reachable = [...columns].filter((column) => column >= indent);
    return reachable.map((column) => ' '.repeat(column - indent));
  }

  #allowedLines(): Line[] {
    const fitting = this.#trials().filter((trial) => this.fits(trial));
    return fitting.map((trial) => this.around.upTo(trial).current!);
  }
}
