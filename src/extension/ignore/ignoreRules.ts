/**
 * Rules in the syntax of .gitignore, and whether a path falls under them. In doubt it does: what a rule
 * cannot be compared with stays unread. Knows no editor and no file system.
 */
import ignore, { type Ignore } from 'ignore';

export class IgnoreRules {
  readonly #rules: Ignore;

  private constructor(rules: Ignore) {
    this.#rules = rules;
  }

  /** @param text the lines of an ignore file, of any line end, with or without a byte order mark. */
  static parse(text: string): IgnoreRules {
    return new IgnoreRules(ignore().add(text.replace(/^\uFEFF/, '')));
  }

  /** @param path with `/`, from the folder of the rules or from the root. */
  ignores(path: string): boolean {
    const relative = path.replace(/^\/+/, '').replace(/^[a-z]:\/+/i, '');
    if (relative === '') return false;
    try {
      return this.#rules.ignores(relative);
    } catch {
      return true; // no path that a rule could be compared with, such as one with `..`
    }
  }
}
