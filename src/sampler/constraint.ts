/**
 * A demand on text becomes one on tokens: how well each id suits at a slot, once all slots before it are
 * written, and whether a gap may end there. Knows canvas and tokenizer, and of code nothing.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';
import { bestSuited, type Canvas, type SlotRule, type Span } from './canvas';
import type { Demands } from './structure/demands';

export interface Constraint {
  /** At a slot: its rule, with what the demand prefers. */
  ruleAt(position: number, rule: SlotRule | undefined): SlotRule;
  /** Whether the gap may end before a position. */
  mayEnd(past: number): boolean;
}

/** @param gap of the canvas, by its span. @param canvas asked for only when all of it is laid out. */
export function constraintOf(
  demands: Demands,
  gap: number,
  canvas: () => Canvas,
  tokenizer: Tokenizer,
): Constraint {
  const written = new WrittenGaps(tokenizer);
  /** What the gap says up to `past`, and what is asked of it; undefined while anything before that is masked. */
  const stateAt = (past: number) => {
    const text = writtenText(canvas(), canvas().spans[gap]!.start, past, tokenizer);
    const demand = text === undefined ? undefined : demands.at(gap, written.on(canvas()));
    return text !== undefined && demand && { demand, text };
  };
  return {
    ruleAt: (position, rule) => ({
      narrow: rule?.narrow ?? false,
      allows: (id) => rule?.allows(id) ?? true,
      suits: (id) => {
        const state = stateAt(position);
        return state ? state.demand.goesOn(state.text + tokenizer.decode([id])) : bestSuited;
      },
    }),
    mayEnd: (past) => {
      if (demands.goesOnLine(gap) && written.on(canvas())[gap - 1] === undefined) return false;
      const state = stateAt(past);
      return !state || state.demand.mayEnd(state.text);
    },
  };
}

/** The texts of gaps, decoded again only where one has changed: they are asked for at every id. */
class WrittenGaps {
  #spans: readonly Span[] = [];
  #ids = new Int32Array();
  #texts: readonly (string | undefined)[] = [];

  constructor(private readonly tokenizer: Tokenizer) {}

  on(canvas: Canvas): readonly (string | undefined)[] {
    const { spans, ids } = canvas;
    const near = ids.subarray(spans[0]!.start, spans.at(-1)!.end);
    const isSame =
      near.length === this.#ids.length &&
      spans.every((span, at) => span === this.#spans[at]) &&
      near.every((id, at) => id === this.#ids[at]);
    if (!isSame) {
      this.#spans = [...spans];
      this.#ids = near.slice();
      this.#texts = textsOfGaps(canvas, this.tokenizer);
    }
    return this.#texts;
  }
}

/** By gap; undefined while one of its tokens is masked. */
export function textsOfGaps(canvas: Canvas, tokenizer: Tokenizer): readonly (string | undefined)[] {
  return canvas.spans.map(({ start, end }) => writtenText(canvas, start, end, tokenizer));
}

/** Undefined while one of the tokens is masked. */
function writtenText(
  { ids, masked }: Canvas,
  start: number,
  past: number,
  tokenizer: Tokenizer,
): string | undefined {
  if (masked.subarray(start, past).includes(1)) return undefined;
  return tokenizer.decode([...ids.subarray(start, past)]);
}
