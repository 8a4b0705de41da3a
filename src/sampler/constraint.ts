/**
 * A demand on text becomes one on tokens: how well each id suits at a slot, once all slots before it are
 * written, and whether a gap may end there. Knows canvas and tokenizer, and of code nothing.
 */
import type { Tokenizer } from '../tokenizer/tokenizer';
import { bestSuited, type Canvas, type SlotRule } from './canvas';
import type { Demand } from './structure/demand';

export interface Constraint {
  /** At a slot: its rule, with what the demand prefers. */
  ruleAt(position: number, rule: SlotRule | undefined): SlotRule;
  /** Whether the gap may end before a position. */
  mayEnd(past: number): boolean;
}

/** @param start the gap's first position. @param canvas asked for only when all of it is laid out. */
export function constraintOf(
  demand: Demand,
  start: number,
  canvas: () => Canvas,
  tokenizer: Tokenizer,
): Constraint {
  const textBefore = (past: number) => writtenText(canvas(), start, past, tokenizer);
  return {
    ruleAt: (position, rule) => ({
      narrow: rule?.narrow ?? false,
      allows: (id) => rule?.allows(id) ?? true,
      suits: (id) => {
        const before = textBefore(position);
        if (before === undefined) return bestSuited;
        return demand.goesOn(before + tokenizer.decode([id]));
      },
    }),
    mayEnd: (past) => {
      const text = textBefore(past);
      return text === undefined || demand.mayEnd(text);
    },
  };
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
