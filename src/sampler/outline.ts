/**
 * A request as text with gaps in it, put down while it is laid out: what is written before, between and behind them.
 * Knows no tokens.
 */
import { Demands, type DemandingGap } from './structure/demands';

/** Each is asked anew whenever another is written: of eight that takes two thirds of the forwards' time, and grows with their square. */
const mostGaps = 12;

export class Outline {
  readonly #texts: string[];
  readonly #gaps: DemandingGap[] = [];
  #hasDraft = false;

  constructor(before: string) {
    this.#texts = [before];
  }

  add(text: string): void {
    this.#texts.push(this.#texts.pop()! + text);
  }

  open(gap: DemandingGap): void {
    this.#gaps.push(gap);
    this.#texts.push('');
  }

  /** Its masks will stand in the midst of its text, wherever the model doubts it. */
  addDraft(): void {
    this.#hasDraft = true;
  }

  /** What is demanded of the gaps; nothing of drafts, and of very many. */
  demands(languageId: string | undefined): Demands | undefined {
    const { length } = this.#gaps;
    if (length === 0 || length > mostGaps || this.#hasDraft) return undefined;
    return new Demands(this.#texts, this.#gaps, languageId);
  }
}
