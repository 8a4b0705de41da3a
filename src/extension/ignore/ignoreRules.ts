/**
 * Rules in the syntax of .gitignore, and whether a path falls under them. In doubt it does: what a rule
 * cannot be compared with, or not in reasonable time, stays unread. Knows no editor and no file system.
 */
import ignore, { type Ignore } from 'ignore';

/**
 * The library makes a regular expression of each rule, which tries every way in which the folders of a path can
 * be shared out among its `**`: about this many at most are tried.
 */
const mostTries = 1e6;
/** Answers that are remembered; the question comes at every key. */
const mostAnswers = 2000;

export class IgnoreRules {
  readonly #rules: Ignore;
  /** Of the rule that has the most. */
  readonly #doubleStars: number;
  readonly #answers = new Map<string, boolean>();

  private constructor(rules: Ignore, doubleStars: number) {
    this.#rules = rules;
    this.#doubleStars = doubleStars;
  }

  /** @param text the lines of an ignore file, of any line end, with or without a byte order mark. */
  static parse(text: string): IgnoreRules {
    const plain = text.replace(/^\uFEFF/, '');
    const counts = plain.split('\n').map((line) => line.split('**').length - 1);
    const most = counts.reduce((a, b) => Math.max(a, b), 0);
    return new IgnoreRules(ignore().add(plain), most);
  }

  /** @param path with `/`, from the folder of the rules or from the root. */
  ignores(path: string): boolean {
    const relative = path.replace(/^\/+/, '').replace(/^[a-z]:\/+/i, '');
    if (relative === '') return false;
    const known = this.#answers.get(relative);
    if (known !== undefined) return known;
    const answer = this.#compare(relative);
    if (this.#answers.size >= mostAnswers) this.#answers.clear();
    this.#answers.set(relative, answer);
    return answer;
  }

  #compare(relative: string): boolean {
    const folders = relative.split('/').length;
    if (folders ** this.#doubleStars > mostTries) return true;
    try {
      return this.#rules.ignores(relative);
    } catch {
      return true; // no path that a rule could be compared with, such as one with `..`
    }
  }
}
